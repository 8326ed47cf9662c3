import { expect, test } from '@jest/globals';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SandboxControl } from '../../../sandbox/control-client';
import type { Act, Expected, Story } from '../../../sandbox/story';
import { Play } from '../../../src/commands/demo/play';

const IDS = ['PR-1', 'PR-2', 'PR-3'];
const story: Story = {
  name: 'silent',
  about: 'runs that do not say where they stand',
  place: async () => IDS.map((id) => ({ id, what: 'purchase', expected: 'approved' })),
  acts: [],
};

const NEVER: Act = { about: 'never', when: () => false, run: async () => ({}) };

/** A play that sees three open runs. @param ask what each answers */
async function playOf(ask: (id: string) => Promise<unknown>, acts: Act[] = []): Promise<Play> {
  const requests = IDS.map((id) => ({ id, status: 'pending' }));
  const control = { state: async () => ({ requests, tierConfigRequests: [], usageFiles: [], tenants: [] }) };
  const info = {
    runId: '',
    status: { name: 'RUNNING' },
    startTime: new Date(),
    typedSearchAttributes: { get: ({ name }: { name: string }) => (name === 'ConnectPhase' ? 'running' : undefined) },
  };
  const client = {
    workflow: {
      list: async function* () {
        yield* IDS.map((workflowId) => ({ ...info, workflowId }));
      },
      getHandle: (id: string) => ({ query: () => ask(id) }),
    },
    connection: { withDeadline: (_: number, call: () => unknown) => call() },
  };
  const play = new Play(control as unknown as SandboxControl, client as unknown as Client);
  await play.place([{ ...story, acts }]);
  return play;
}

test('a run that does not say where it stands is seen, with the reason told once', async () => {
  const play = await playOf(async () => Promise.reject(new Error('the workflow task keeps failing')));
  expect(await play.advance(2)).toEqual(['PR-1 does not say where it stands: Error: the workflow task keeps failing']);
  expect(await play.advance(2)).toEqual([]);
  expect(play.rows.map(({ step }) => step)).toEqual(['no answer', 'no answer', undefined]);
});

test('a run that has ended since it was listed is no trouble', async () => {
  const gone = new WorkflowNotFoundError('workflow execution already completed', 'PR-1', undefined);
  const play = await playOf((id) => (id === 'PR-1' ? Promise.reject(gone) : Promise.resolve({ step: 'approve' })));
  expect(await play.advance(2)).toEqual([]);
  expect(play.rows.map(({ step }) => step)).toEqual([undefined, 'approve', undefined]);
});

test('acts that were not played are still to come, and before them those that follow from one', async () => {
  const play = await playOf(
    async () => ({ step: 'approve' }),
    [
      { about: 'somebody acts', when: () => true, run: async () => ({ acts: [{ ...NEVER, about: 'what follows' }] }) },
      NEVER,
    ],
  );
  expect(play.ahead).toEqual(['silent: somebody acts', 'silent: never']);
  await play.advance(0);
  expect(play.ahead).toEqual(['silent: what follows', 'silent: never']);
});

test.each([
  [['submit'], true],
  [['submit', 'submit'], false],
  [[], false],
])('files of one name with the effects %j: as expected is %j', async (submitted, ok) => {
  const files = submitted.map((effect) => ({ external_id: 'usage-1', effects: { [effect]: 1 } }));
  const usageFile: Expected = { id: 'UF-0', workflow: 'usage-1', what: 'usage', expected: 'accepted', submissions: 1 };
  const control = { counters: async () => ({ effects: {} }), usage: { files: async () => files } };
  const play = new Play(control as unknown as SandboxControl, {} as Client);
  await play.place([{ ...story, place: async () => [usageFile] }]);
  play.rows[0]!.status = 'accepted';
  expect(await play.verdicts()).toMatchObject([{ ok, submissions: submitted.length }]);
});
