import { withinTime } from '../../domain/within-time';
import { placeholder } from '../../sdk/errors';
import { FULFILLMENT_HANDLERS, type Vendor, type Vendors } from '../../sdk/vendor';
import { type Finding, good, messageOf, note, wrong } from './finding';

/** Checks each vendor once. Where there are several, a finding says whose products it is about. */
export async function* checkVendors(vendors: Vendors, exampleAllowed: boolean): AsyncGenerator<Finding> {
  const served = new Map<Vendor, string[]>();
  for (const [productId, vendor] of vendors) served.set(vendor, [...(served.get(vendor) ?? []), productId]);
  for (const [vendor, products] of served) {
    for await (const finding of checkVendorCode(vendor, exampleAllowed)) {
      yield served.size === 1 ? finding : { ...finding, text: `${products.join(', ')}: ${finding.text}` };
    }
  }
}

/** Has the vendor handlers that are written, and does its API answer? No handler is called. */
async function* checkVendorCode(vendor: Vendor, exampleAllowed: boolean): AsyncGenerator<Finding> {
  const handlers = handlersOf(vendor);
  const unwritten = handlers.filter(({ functions }) => functions.some(isPlaceholder));
  yield* checkHandlers(vendor, handlers, unwritten, exampleAllowed);
  if (handlers.length > 0 && unwritten.length === handlers.length) return; // what is not written saves nothing and calls nothing

  if (!vendor.writes) {
    yield note(
      'the vendor has no `writes`: the parameters that its handlers save were not looked for',
      "The vendor's developer lists them there, or `{}` where the handlers save none.",
    );
  }
  yield vendor.check
    ? await checkApi(vendor)
    : note(
        "the vendor has no `check`: its API was not asked whether it answers and takes the vendor's key",
        "The vendor's developer adds a `check` that asks it.",
      );
}

interface Handler {
  name: string;
  functions: unknown[];
}

function handlersOf(vendor: Vendor): Handler[] {
  const { purchase } = vendor;
  const others = ([...FULFILLMENT_HANDLERS, 'tierConfig'] as const).map((name) => {
    const handler = vendor[name];
    return { name, functions: typeof handler === 'function' ? [handler] : handler ? [handler.handle] : [] };
  });
  const handlers = [{ name: 'purchase', functions: purchase ? [purchase.find, purchase.create] : [] }, ...others];
  return handlers.filter(({ functions }) => functions.length > 0);
}

const PLACEHOLDER = String(placeholder(''));

/** Told by its source text: a call might order something. */
const isPlaceholder = (handler: unknown) => String(handler) === PLACEHOLDER;

function* checkHandlers(
  { usage }: Vendor,
  handlers: Handler[],
  unwritten: Handler[],
  exampleAllowed: boolean,
): Generator<Finding> {
  const names = (of: Handler[]) => of.map(({ name }) => name).join(', ');
  if (handlers.length === 0) {
    yield note(
      'the vendor has no handler: every request stays pending in Connect for a person',
      "The vendor's developer writes the first one: docs/write-your-vendor.md.",
    );
  } else if (unwritten.length === handlers.length) {
    const orExample = exampleAllowed
      ? ''
      : ' Or, to try the example of src/vendor with the sandbox, an operator sets EXAMPLE_VENDOR=allow.';
    yield wrong(
      'all handlers of the vendor are placeholders: every request is parked, none is approved',
      `The vendor's developer writes them: docs/write-your-vendor.md.${orExample}`,
    );
  } else if (unwritten.length > 0) {
    const text = `placeholders stand for the handlers ${names(unwritten)}: such requests are parked`;
    const todo =
      "The vendor's developer writes them, or leaves them out: such requests then stay pending for a person.";
    yield unwritten.some(({ name }) => name === 'purchase') ? wrong(text, todo) : note(text, todo);
  } else yield good(`the vendor has the handlers ${names(handlers)}${usage ? ', and the hook usage' : ''}`);
}

const CHECK_MS = 15_000;

async function checkApi(vendor: Vendor): Promise<Finding> {
  try {
    await withinTime(CHECK_MS, (signal) => vendor.check?.(signal));
    return good("the vendor's API answers");
  } catch (error) {
    return wrong(
      `the vendor's API: ${messageOf(error)}`,
      'Check VENDOR_API_URL and VENDOR_API_KEY, or what else this vendor goes by, and the API itself.',
    );
  }
}
