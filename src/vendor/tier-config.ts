import { approve, inquire, type Outcome, type TierConfigContext, type TierConfigHandler } from '../sdk';

/** A reseller gets a number of ours, of whichever tier. The same reseller and product always get the same one. */
export const tierConfig: TierConfigHandler = (request) => Promise.resolve(outcomeOf(request));

/** A tax number need not be given, and not every product asks for one: only one that is none is asked about. */
function outcomeOf({ account, params }: TierConfigContext): Outcome {
  const taxNumber = params.find(({ id }) => id === 'tax_number')?.value ?? '';
  if (taxNumber !== '' && !/^[A-Z]{2}\d+$/.test(taxNumber)) {
    return inquire({ tax_number: 'Enter a tax number with its country, such as DE123456789.' });
  }
  return approve({ reseller_id: `reseller-${account.id}` });
}
