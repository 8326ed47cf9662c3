import { z } from 'zod';
import { byProduct, known } from './config-schema';
import type { UsageTime } from './temporal/schedules';

const DAY = 'must be a day of the month, from 1 to 28';
export const UsageDay = z
  .union([z.int(DAY), z.string().regex(/^\d+$/).transform(Number)], { error: DAY })
  .pipe(z.number().min(1, DAY).max(28, `${DAY}: not every month has a later one`));
/** An earlier hour would be left out on the day on which summer time begins, and the month with it. */
export const TimeOfDay = z
  .string({ error: 'must be a time of day from "04:00", such as "05:17"' })
  .regex(/^(0[4-9]|1\d|2[0-3]):[0-5]\d$/, 'must be a time of day from "04:00", such as "05:17"');
export const TimeZone = z
  .string({ error: 'must be the name of a time zone, such as "UTC" or "Europe/Madrid"' })
  .refine(isTimeZone, 'must be the name of a time zone, such as "UTC" or "Europe/Madrid"');

/** Under `usage` in the file: products that differ from the rest. */
export const UsageTimes = known({
  products: byProduct(
    known({
      /** False: the usage of this product is not reported. */
      report: z.boolean({ error: 'must be true or false' }).optional(),
      day: UsageDay.optional(),
      time: TimeOfDay.optional(),
      timezone: TimeZone.optional(),
    }),
  ).optional(),
});

/** A time for each product whose usage is reported. @param rest for products of which the file says nothing else */
export function usageTimes(
  { products: differing = {} }: z.infer<typeof UsageTimes>,
  products: readonly string[],
  rest: Omit<UsageTime, 'productId'>,
): UsageTime[] {
  return products
    .map((productId) => ({ productId, differs: differing[productId] ?? {} }))
    .filter(({ differs }) => differs.report !== false)
    .map(({ productId, differs }) => ({
      productId,
      day: differs.day ?? rest.day,
      time: differs.time ?? rest.time,
      timeZone: differs.timezone ?? rest.timeZone,
    }));
}

/**
 * What is wrong with times of which some come before the month is over, which ends in UTC: on its first day, where clocks are ahead.
 *
 * @returns a sentence for each time, whatever the number of its products
 */
export function earlyUsageTimes(times: readonly UsageTime[]): string[] {
  const products = new Map<string, string[]>();
  for (const { productId, day, time, timeZone } of times) {
    const over = monthOverAt(timeZone);
    if (day > 1 || time >= over) continue;
    const early = `USAGE_TIME must be "${over}" or later, or USAGE_DAY 2 or later, or their like under usage.products: on day 1 at ${time} ${timeZone}`;
    products.set(early, [...(products.get(early) ?? []), productId]);
  }
  return [...products].map(
    ([early, ids]) => `${early}, when the usage of ${ids.join(', ')} is reported, the month may still run in UTC`,
  );
}

/** By the clocks of a zone, the time of the first day at which a month is over in UTC, the latest of a year; empty where they are behind. */
function monthOverAt(timeZone: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, day: '2-digit', hour: '2-digit', minute: '2-digit' });
  const year = new Date().getUTCFullYear();
  const times = Array.from({ length: 12 }, (_, month) => clock.format(Date.UTC(year, month)).split(', '));
  return times.reduce((latest, [day, time = '']) => (day === '01' && time > latest ? time : latest), '');
}

/** Temporal's server minds how a name is written, and knows no offsets such as `+02:00`. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[A-Z]/.test(name) && (known === name || known.toLowerCase() !== name.toLowerCase());
  } catch {
    return false;
  }
}
