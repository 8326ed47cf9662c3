/** A calendar month, in UTC, for which usage is reported. */
export interface UsagePeriod {
  /** `2026-10` */
  id: string;
  /** Its first day: `2026-10-01`. */
  from: string;
  /** Its last day: `2026-10-31`. */
  to: string;
}

/** @param id `2026-10` @throws RangeError for anything else */
export function usagePeriod(id: string): UsagePeriod {
  const [, year, month] = /^([1-9]\d{3})-(0[1-9]|1[0-2])$/.exec(id) ?? [];
  if (!year || !month) throw new RangeError(`"${id}" is no month: give a year and a month, such as 2026-10.`);
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return { id, from: `${id}-01`, to: `${id}-${days}` };
}

/** Whether the last second of a month, in UTC, has passed: what was used later would be reported by nobody. */
export function isOver(id: string, now: Date): boolean {
  return now.toISOString().slice(0, 10) > usagePeriod(id).to;
}

/** What is said of one that is not over. */
export function notOver(id: string): string {
  return `${id} is not over: its last second is ${usagePeriod(id).to} 23:59:59 UTC. What is used until then would be left out.`;
}

/** Whether a month ended more than two years ago: whoever asks for it has mistyped the year, more likely than not. */
export function isOld(id: string, now: Date): boolean {
  const thisMonth = now.toISOString().slice(0, 7);
  return usagePeriod(id).id < `${Number(thisMonth.slice(0, 4)) - 2}${thisMonth.slice(4)}`;
}

/** The month before one: `2025-12` for `2026-01`. */
export function monthBefore(id: string): string {
  const first = new Date(`${usagePeriod(id).from}T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() - 1);
  return first.toISOString().slice(0, 7);
}

/** The calendar month before the one that an instant falls into, by the clocks of a time zone. @param timeZone `Europe/Madrid`, `UTC` */
export function previousMonth(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit' }).formatToParts(instant);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return monthBefore(`${part('year')}-${part('month')}`);
}
