import { randomBytes } from 'node:crypto';
import { isoSecond } from './clock';
import type {
  Capabilities,
  Configuration,
  ItemDefinition,
  ParameterDefinition,
  Product,
  Template,
} from './product-model';

/** Product ids are fixed, so that example files can name them. */
export const PRODUCTS = {
  plain: 'PRD-100-000-001',
  tiered: 'PRD-100-000-002',
  faulty: 'PRD-100-000-003',
  usage: 'PRD-100-000-004',
  backup: 'PRD-100-000-005',
};

const DEFAULT_TEMPLATE = 'Default Activation Template';

const LAUNCH = isoSecond(Date.UTC(2026, 0, 5, 9, 0, 0));
export const BY = { id: 'UR-000-000-001', name: 'Sandbox Person' };

export const EVENTS = { created: { at: LAUNCH, by: BY }, updated: { at: LAUNCH, by: BY } };

interface ParameterSketch {
  name: string;
  title: string;
  type?: string;
  phase: 'ordering' | 'fulfillment' | 'configuration';
  scope?: string;
  required?: boolean;
  /** Whether rows of a usage file may name a subscription by it. */
  reconciliation?: boolean;
}

const COMMON: ParameterSketch[] = [
  { name: 'admin_email', title: 'E-mail of the administrator', type: 'email', phase: 'ordering', required: true },
  { name: 'subscription_id', title: 'Subscription id', phase: 'fulfillment', required: true },
  { name: 'api_region', title: 'Region of the vendor API', phase: 'configuration', scope: 'product' },
];
const PASSWORD: ParameterSketch[] = [
  { name: 'admin_password', title: 'First password', type: 'password', phase: 'fulfillment' },
];
const SUPPORT: ParameterSketch[] = [
  { name: 'support_phone', title: 'Phone of the support', type: 'phone', phase: 'fulfillment' },
];
const RESELLER: ParameterSketch[] = [
  { name: 'reseller_id', title: 'Reseller id', phase: 'fulfillment', scope: 'tier1', required: true },
  { name: 'reseller_id', title: 'Reseller id', phase: 'fulfillment', scope: 'tier2', required: true },
  { name: 'tax_number', title: 'Tax number of the reseller', phase: 'ordering', scope: 'tier1' },
  { name: 'tax_number', title: 'Tax number of the reseller', phase: 'ordering', scope: 'tier2' },
];

type ItemSketch = Pick<ItemDefinition, 'mpn' | 'name' | 'type' | 'unit' | 'precision'>;

const SEAT: ItemSketch = { mpn: 'SEAT', name: 'Mailbox', type: 'Reservation', unit: 'Seats', precision: 'Integer' };
const MAIL: ItemSketch[] = [
  SEAT,
  { mpn: 'STORAGE', name: 'Archive space', type: 'Reservation', unit: 'Gb', precision: 'Integer' },
  { mpn: 'TRAFFIC', name: 'Mails sent', type: 'PPU', unit: 'Mails', precision: 'Integer' },
];
const METERED: ItemSketch[] = [
  SEAT,
  { mpn: 'CALLS', name: 'Calls of the API', type: 'PPU', unit: 'Calls', precision: 'Integer' },
  { mpn: 'TRANSFER', name: 'Data transferred', type: 'PPU', unit: 'Gb', precision: 'Decimal(2)' },
];

/** The products: `admin_email`, `subscription_id` and the item SEAT in each. */
export function createProducts(): Product[] {
  const byVendorsId = COMMON.map((one) => (one.name === 'subscription_id' ? { ...one, reconciliation: true } : one));
  return [
    product(PRODUCTS.plain, 'Sandbox Mail', [...COMMON, ...PASSWORD], MAIL),
    product(PRODUCTS.tiered, 'Sandbox Mail for Resellers', [...COMMON, ...RESELLER], MAIL, tierCapability()),
    product(PRODUCTS.faulty, 'Sandbox Mail with Trouble', COMMON, MAIL),
    product(PRODUCTS.usage, 'Sandbox Mail as You Go', byVendorsId, METERED),
    product(PRODUCTS.backup, 'Sandbox Backup', [...COMMON, ...SUPPORT], MAIL),
  ];
}

function tierCapability(): object {
  const update = { validation: true, inquiring_validation: false };
  return { configs: true, level: 2, setup: { inquiring_validation: false }, update };
}

function product(
  id: string,
  name: string,
  sketches: ParameterSketch[],
  itemSketches: ItemSketch[],
  tierConfigs: object | null = null,
): Product {
  const parameters = sketches.map((sketch, index) => parameter(id, sketch, index + 1));
  const configurations: Configuration[] = parameters
    .filter((definition) => definition.phase === 'configuration')
    .map((definition) => ({ value: 'eu-sandbox-1', parameter: definition }));
  return {
    id,
    name,
    description: 'A product to try the processor on.',
    parameters,
    items: itemSketches.map((sketch, index) => item(id, sketch, index + 1)),
    templates: templates(id),
    configurations,
    capabilities: capabilities(tierConfigs),
    actions: [],
    actionSecret: newActionSecret(),
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
    constraints: {
      required: sketch.required ?? false,
      hidden: false,
      unique: false,
      reconciliation: sketch.reconciliation ?? false,
    },
    events: EVENTS,
  };
}

/** @param position 1 for the first of the product */
export function item(productId: string, sketch: ItemSketch, position: number): ItemDefinition {
  const id = `${productId}-${String(position).padStart(4, '0')}`;
  return {
    ...sketch,
    id,
    localId: id.replaceAll('-', '_'),
    period: 'Monthly',
    dynamic: false,
    position: position * 10_000,
  };
}

export const newActionSecret = () => randomBytes(32).toString('hex');

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

function capabilities(tierConfigs: object | null): Capabilities {
  const offline = { scheduling: true, offline: 'no' };
  return {
    ppu: { ppu: true, schema: 'QT', dynamic: false, future: false, late: false, predictive: false },
    reservation: { consumption: false },
    cart: { validation: true },
    inquiring: { validation: false },
    tiers: { updates: false, configs: tierConfigs, validation: tierConfigs !== null },
    subscription: {
      hold: true,
      schema: 'evergreen',
      cancel: offline,
      suspend: offline,
      resume: { scheduling: true },
      renew: { enable_renew: true },
      transfer: { enable_transfer: true },
      purchase: { scheduling: true },
      change: { editable_ordering_parameters: true, scheduling: true, simultaneous_adjustment: true },
      parameter: { versions: false },
    },
  };
}
