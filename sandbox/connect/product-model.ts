/** A product and what belongs to it, as the sandbox keeps it. */

export interface ParameterDefinition {
  /** `PRM-ddd-ddd-ddd-dddd`; in requests the parameter goes by its name. */
  id: string;
  name: string;
  title: string;
  description: string;
  type: string;
  scope: string;
  phase: string;
  hint: string;
  placeholder: string;
  position: number;
  constraints: { required: boolean; hidden: boolean; unique: boolean; reconciliation: boolean };
  events: Record<string, unknown>;
}

export interface ItemDefinition {
  /** `PRD-ddd-ddd-ddd-nnnn` */
  id: string;
  /** `PRD_ddd_ddd_ddd_nnnn` */
  localId: string;
  mpn: string;
  name: string;
  type: 'Reservation' | 'PPU';
  period: string;
  unit: string;
  precision: Precision;
  /** Whether a usage file brought it. */
  dynamic: boolean;
  position: number;
}

/** How many decimals a quantity of an item may have. */
export type Precision = 'Integer' | 'Decimal(1)' | 'Decimal(2)' | 'Decimal(4)' | 'Decimal(8)';

export interface Template {
  id: string;
  name: string;
  title: string;
  body: string;
  scope: 'asset' | 'tier1' | 'tier2';
  type: 'fulfillment' | 'inquire' | 'pending' | null;
  position: number;
  events: Record<string, unknown>;
}

export interface Configuration {
  value: string;
  parameter: ParameterDefinition;
}

export interface Product {
  id: string;
  name: string;
  description: string;
  parameters: ParameterDefinition[];
  items: ItemDefinition[];
  templates: Template[];
  configurations: Configuration[];
  capabilities: Capabilities;
  actions: ProductAction[];
  /** With which links of its actions are signed. */
  actionSecret: string;
}

/** A button of the portal, on a subscription or on a reseller's configuration, that leads a person to the vendor. */
export interface ProductAction {
  /** `ACT-ddd-ddd-ddd-nnn` */
  id: string;
  /** The vendor's address that it leads to. */
  action: string;
  name: string;
  title: string;
  type: string;
  scope: 'asset' | 'tier1' | 'tier2';
  description: string;
  createdMs: number;
  updatedMs: number;
}

/** Features of a product that change what is exchanged about it. */
export interface Capabilities {
  /** Null where nothing of it is reported. */
  ppu: PayAsYouGo | null;
  [feature: string]: unknown;
}

export const PPU_SCHEMAS = ['QT', 'TR', 'CR', 'PR'] as const;
export type PpuSchema = (typeof PPU_SCHEMAS)[number];

export interface PayAsYouGo {
  ppu: true;
  /** What a row of a usage file carries: a quantity; with CR, PR and TR an amount; with TR a tier. */
  schema: PpuSchema;
  /** Whether a usage file may bring items that the product does not have yet. */
  dynamic: boolean;
  future: boolean;
  late: boolean;
  predictive: boolean;
}
