import type { ValidateHooks } from '../sdk';
import { adminEmailErrors } from './admin-email';

/** The customer is told while they enter the order what they would be asked about afterwards. */
export const validate: ValidateHooks = {
  fulfillment: (draft) => Promise.resolve({ errors: adminEmailErrors(draft.param('admin_email')) }),
};
