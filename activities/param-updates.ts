import type { ParamUpdate } from '../src/connect/parameter';
import type { ParamChange } from '../src/domain/parameters';

/** A planned write as Connect takes it: a value or a structured value, never both. */
export function toConnect({ id, value, structuredValue, valueError }: ParamChange): ParamUpdate {
  return {
    id,
    ...(value !== undefined && { value }),
    ...(structuredValue !== undefined && { structured_value: structuredValue }),
    ...(valueError !== undefined && { value_error: valueError }),
  };
}
