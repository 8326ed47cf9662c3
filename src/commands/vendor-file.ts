import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveVendor, type Vendor, type VendorFactory } from '../sdk/vendor';
import { UsageError } from './command';
import { inWords } from './in-words';

const LOADED_WITHIN_MS = 60_000;

/**
 * The vendor that a module exports, as `vendor` or as its default.
 *
 * @param withinMs how long the module may take to load: what it waits for at its top may never come
 * @throws UsageError that names the file and what is wrong with it; the function that is returned throws one too
 */
export async function vendorIn(file: string, withinMs = LOADED_WITHIN_MS): Promise<VendorFactory> {
  const found = vendorOf(await load(file, withinMs));
  if (isPromise(found)) {
    throw new UsageError(`${file} exports a promise: export the vendor itself, or a function that returns it.`);
  }
  if (typeof found !== 'function' && !(typeof found === 'object' && found !== null && Object.keys(found).length > 0)) {
    throw new UsageError(
      `${file} exports no vendor: export it as \`vendor\`, or as the default. See docs/write-your-vendor.md.`,
    );
  }
  return (settings) => {
    try {
      const vendor = typeof found === 'function' ? (found as VendorFactory)(settings) : (found as Vendor);
      if (isPromise(vendor)) throw new TypeError('its function returns a promise, and must return the vendor.');
      return resolveVendor(vendor, settings);
    } catch (error) {
      throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
}

async function load(file: string, withinMs: number): Promise<Record<string, unknown>> {
  const full = path.resolve(file);
  if (!existsSync(full)) throw new UsageError(`${file} is not there: give the path of a module.`);
  const tooLong = new UsageError(
    `${file} was not loaded within ${withinMs / 1000} s: look for an \`await\` at its top that waits for too long.`,
  );
  let late: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => (late = setTimeout(() => reject(tooLong), withinMs).unref()));
  try {
    return (await Promise.race([import(pathToFileURL(full).href), over])) as Record<string, unknown>;
  } catch (error) {
    if (error === tooLong) throw error;
    throw new UsageError(
      `${file} cannot be loaded: ${error instanceof Error ? inWords(error) : `it throws ${inWords(error)}`}`,
      { cause: error },
    );
  } finally {
    clearTimeout(late);
  }
}

/** Null or undefined where a module means to export one, and something went wrong. */
function vendorOf(module: Record<string, unknown>): unknown {
  if ('vendor' in module) return module['vendor'];
  const inner = module['default']; // a CommonJS module's exports
  if (typeof inner !== 'object' || inner === null) return inner;
  const exported = inner as Record<string, unknown>;
  if ('vendor' in exported) return exported['vendor'];
  return 'default' in exported ? exported['default'] : inner;
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}
