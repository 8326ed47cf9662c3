import { number, type Fields } from './rql/fields';

/** Something whose service level is measured, where its zone is there: 0, and higher the later it is. */
interface Measured {
  sliZone: number | undefined;
}

/** The service level of a request as JSON. `days` is 0 always: what Connect counts by it is not described. */
export function sliView({ sliZone: zone }: Measured): object | null {
  return zone === undefined ? null : { zone, days: 0 };
}

/** What a list of requests can be filtered and ordered by of it. */
export const sliFields: Fields<Measured> = {
  'sli.zone': number(({ sliZone }) => sliZone ?? null, {
    lookups: ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'null', 'in', 'out'],
    orderable: true,
  }),
  'sli.days': number(({ sliZone }) => (sliZone === undefined ? null : 0), {
    lookups: ['eq', 'gt', 'ge', 'lt', 'le'],
    orderable: true,
  }),
};
