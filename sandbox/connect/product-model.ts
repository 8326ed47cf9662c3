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
  position: number;
}

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
  capabilities: Record<string, unknown>;
}
