/** ISO 8601 UTC with offset and second precision, as Connect writes dates: `2026-02-03T09:15:42+00:00`. */
export function isoSecond(ms: number): string {
  if (ms === lastMs) return lastText;
  lastMs = ms;
  lastText = `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
  return lastText;
}

// A page of requests repeats the same instants many times over; formatting a date is most of the cost of a small object.
let lastMs = Number.NaN;
let lastText = '';
