import { DISTRIBUTOR, VENDOR } from './accounts';
import { isoSecond } from './clock';
import type { Channel, Connection } from './model';
import type { Configuration, ItemDefinition, ParameterDefinition, Product, Template } from './product-model';

/** Product ids are fixed, so that example files can name them. */
export const PRODUCTS = { plain: 'PRD-100-000-001', tiered: 'PRD-100-000-002', faulty: 'PRD-100-000-003' };

const DEFAULT_TEMPLATE = 'Default Activation Template';

const LAUNCH = isoSecond(Date.UTC(2026, 0, 5, 9, 0, 0));
const BY = { id: 'UR-000-000-001', name: 'Sandbox Person' };

export const EVENTS = { created: { at: LAUNCH, by: BY }, updated: { at: LAUNCH, by: BY } };

interface ParameterSketch {
  name: string;
  title: string;
  type?: string;
  phase: 'ordering' | 'fulfillment' | 'configuration';
  scope?: string;
  required?: boolean;
}

const COMMON: ParameterSketch[] = [
  { name: 'admin_email', title: 'E-mail of the administrator', type: 'email', phase: 'ordering', required: true },
  { name: 'subscription_id', title: 'Subscription id', phase: 'fulfillment', required: true },
  { name: 'api_region', title: 'Region of the vendor API', phase: 'configuration', scope: 'product' },
];
const PASSWORD: ParameterSketch[] = [
  { name: 'admin_password', title: 'First password', type: 'password', phase: 'fulfillment' },
];
const RESELLER: ParameterSketch[] = [
  { name: 'reseller_id', title: 'Reseller id', phase: 'fulfillment', scope: 'tier1', required: true },
  { name: 'reseller_id', title: 'Reseller id', phase: 'fulfillment', scope: 'tier2', required: true },
];

/** The three products: `admin_email` and `subscription_id` in each, items SEAT, STORAGE and TRAFFIC in each. */
export function createProducts(): Product[] {
  return [
    product(PRODUCTS.plain, 'Sandbox Mail', [...COMMON, ...PASSWORD], null),
    product(PRODUCTS.tiered, 'Sandbox Mail for Resellers', [...COMMON, ...RESELLER], tierCapability()),
    product(PRODUCTS.faulty, 'Sandbox Mail with Trouble', COMMON, null),
  ];
}

function tierCapability(): object {
  const update = { validation: false, inquiring_validation: false };
  return { configs: true, level: 2, setup: { inquiring_validation: false }, update };
}

function product(id: string, name: string, sketches: ParameterSketch[], tierConfigs: object | null): Product {
  const parameters = sketches.map((sketch, index) => parameter(id, sketch, index + 1));
  const configurations: Configuration[] = parameters
    .filter((definition) => definition.phase === 'configuration')
    .map((definition) => ({ value: 'eu-sandbox-1', parameter: definition }));
  return {
    id,
    name,
    description: 'A product to try the processor on.',
    parameters,
    items: items(id),
    templates: templates(id),
    configurations,
    capabilities: capabilities(tierConfigs),
  };
}

function parameter(productId: string, sketch: ParameterSketch, position: number): ParameterDefinition {
  return {
    id: `${productId.replace('PRD', 'PRM')}-${String(position).padStart(4, '0')}`,
    name: sketch.name,
    title: sketch.title,
    description: `${sketch.title}.`,
    type: sketch.type ?? 'text',
    scope: sketch.scope ?? 'asset',
    phase: sketch.phase,
    hint: '',
    placeholder: '',
    position: position * 10_000,
    constraints: { required: sketch.required ?? false, hidden: false, unique: false, reconciliation: false },
    events: EVENTS,
  };
}

function items(productId: string): ItemDefinition[] {
  const sketches = [
    { mpn: 'SEAT', name: 'Mailbox', type: 'Reservation', unit: 'Seats' },
    { mpn: 'STORAGE', name: 'Archive space', type: 'Reservation', unit: 'Gb' },
    { mpn: 'TRAFFIC', name: 'Mails sent', type: 'PPU', unit: 'Mails' },
  ] as const;
  return sketches.map((sketch, index) => {
    const id = `${productId}-${String(index + 1).padStart(4, '0')}`;
    return { ...sketch, id, localId: id.replaceAll('-', '_'), period: 'Monthly', position: (index + 1) * 10_000 };
  });
}

/** What a new product gets, one name in three scopes, and one activation template more. */
function templates(productId: string): Template[] {
  const activated = '# Ready\n\nYour subscription **{{ subscription_id }}** is ready for {{ admin_email }}.';
  const reseller = '# Ready\n\nYour reseller id is **{{ reseller_id }}**.';
  const asked = 'Please correct what is marked: [open the form]({{ activation_form_url }}).';
  const inquiring = 'Additional information is required to process your request';
  const sketches: Pick<Template, 'name' | 'body' | 'scope' | 'type'>[] = [
    { name: DEFAULT_TEMPLATE, body: activated, scope: 'asset', type: 'fulfillment' },
    { name: DEFAULT_TEMPLATE, body: reseller, scope: 'tier1', type: null },
    { name: DEFAULT_TEMPLATE, body: reseller, scope: 'tier2', type: null },
    { name: inquiring, body: asked, scope: 'asset', type: 'inquire' },
    {
      name: 'Change Template',
      body: 'Your change of {{ subscription_id }} is done.',
      scope: 'asset',
      type: 'fulfillment',
    },
  ];
  const number = productId.slice(4);
  return sketches.map((sketch, index) => ({
    ...sketch,
    id: `TL-${number.slice(0, 4)}${number.slice(-3)}-${String(index + 1).padStart(3, '0')}`,
    title: sketch.name,
    position: (index + 1) * 10_000,
    events: EVENTS,
  }));
}

function capabilities(tierConfigs: object | null): Record<string, unknown> {
  const offline = { scheduling: true, offline: 'no' };
  return {
    ppu: { ppu: true, schema: 'QT', dynamic: false, future: false, late: false, predictive: false },
    reservation: { consumption: false },
    cart: { validation: true },
    inquiring: { validation: false },
    tiers: { updates: false, configs: tierConfigs, validation: false },
    subscription: {
      hold: true,
      schema: 'evergreen',
      cancel: offline,
      suspend: offline,
      resume: { scheduling: true },
      purchase: { scheduling: true },
      change: { editable_ordering_parameters: true, scheduling: true, simultaneous_adjustment: true },
      parameter: { versions: false },
    },
  };
}

const channel = (connection: Pick<Connection, 'id' | 'type' | 'hub'>, place: Omit<Channel, 'connection'>): Channel => ({
  ...place,
  connection: {
    ...connection,
    status: 'active',
    provider: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    vendor: { id: VENDOR.id, name: VENDOR.name },
    created_at: LAUNCH,
  },
});
const MARKETPLACE = { id: 'MP-10001', name: 'Sandbox Marketplace', icon: '/media/marketplace.png' };
const CONTRACT = { id: 'CRD-10000-20000-30001', name: 'Contract of Sandbox Marketplace', type: 'distribution' };
const HUB = { id: 'HB-1000-0001', name: 'Sandbox Hub' };

/** Production is where an order goes unless it says otherwise; ids of zeros are Connect's own for preview. */
export const CHANNELS = {
  production: channel(
    { id: 'CT-1000-0001', type: 'production', hub: HUB },
    { marketplace: MARKETPLACE, contract: CONTRACT },
  ),
  test: channel({ id: 'CT-1000-0002', type: 'test', hub: HUB }, { marketplace: MARKETPLACE, contract: CONTRACT }),
  preview: channel(
    { id: 'CT-0000-0000-0000', type: 'preview', hub: { id: 'HB-0000-0000', name: 'Preview' } },
    {
      marketplace: { id: 'MP-00000', name: 'Preview', icon: '' },
      contract: { id: 'CRD-00000-00000-00000', name: 'Preview', type: 'distribution' },
    },
  ),
};
