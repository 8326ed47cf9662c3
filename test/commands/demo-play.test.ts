import { expect, test } from '@jest/globals';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SandboxControl } from '../../sandbox/control-client';
import type { Story } from '../../sandbox/story';
import { Play } from '../../src/commands/demo-play';

const IDS = ['PR-1', 'PR-2', 'PR-3'];
const story: Story = {
  name: 'silent',
  about: 'runs that do not say where they stand',
  place: async () => IDS.map((id) => ({ id, what: 'purchase', expected: 'approved' })),
  acts: [],
};

/** A play that sees three open runs. @param ask what each answers */
async function playOf(ask: (id: string) => Promise<unknown>): Promise<Play> {
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
  await play.place([story]);
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
