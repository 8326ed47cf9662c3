import { actOn, approved, type Story } from './story';

/** Orders that the vendor puts off to a later time: one is waited for, one is taken back. */
export function createPutOffStories(): Story[] {
  return [scheduled(), revoked()];
}

function scheduled(): Story {
  return {
    name: 'scheduled',
    about: 'the vendor puts the order off by some seconds, then delivers',
    place: async (control) => [approved(await control.placePurchase({ admin_email: 'soon@customer.example' }))],
    acts: [],
  };
}

function revoked(): Story {
  let id = '';
  return {
    name: 'revoked',
    about: 'an order that is put off is taken back; what was prepared is removed',
    async place(control) {
      const order = await control.placePurchase({ admin_email: 'later@customer.example' });
      ({ id } = order);
      return [{ ...approved(order), expected: 'revoked', givenBack: true }];
    },
    acts: [
      {
        about: 'the distributor revokes it',
        when: (view) => view.status(id) === 'scheduled',
        lingerMs: 1_000,
        async run(control) {
          await actOn(control, id, 'revoke', { as: 'distributor', body: { reason: 'The customer needs it no more.' } });
          return {};
        },
      },
    ],
  };
}
