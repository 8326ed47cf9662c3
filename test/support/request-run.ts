import type { Client, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { type Phase, type Progress, PROGRESS, RECHECK, REPROCESS, type Reprocess } from '../../src/domain/messages';
import type { RequestResult } from '../../src/domain/request-run';
import { waitFor } from './wait-for';

/** The chain of runs of one request, as an operator meets it: through Temporal alone. */
export class RequestRun {
  private readonly handle: WorkflowHandle;

  constructor(
    private readonly client: Client,
    readonly id: string,
  ) {
    this.handle = client.workflow.getHandle(id);
  }

  /** The end of the chain. */
  async result(): Promise<RequestResult> {
    return (await this.handle.result()) as RequestResult;
  }

  async progress(): Promise<Progress> {
    return await this.handle.query<Progress>(PROGRESS);
  }

  async until(phase: Phase): Promise<Progress> {
    return await waitFor(
      `${this.id} to be ${phase}`,
      () => this.progress(),
      (progress) => progress.phase === phase,
    );
  }

  async untilStep(step: string): Promise<Progress> {
    return await waitFor(
      `${this.id} to be at "${step}"`,
      () => this.progress(),
      (progress) => progress.step === step,
    );
  }

  /** @param type as in `events` */
  async untilEvents(type: string, times: number): Promise<void> {
    await waitFor(
      `${this.id} to have ${type} ${times} times`,
      () => this.events(),
      (events) => events.filter((event) => event === type).length === times,
    );
  }

  /** The id of the run that is open now, or was last. */
  async runId(): Promise<string> {
    return (await this.handle.describe()).runId;
  }

  /** The ids of all its runs, oldest first. */
  async chain(): Promise<string[]> {
    const ids: string[] = [];
    for (let runId: string | undefined = await this.runId(); runId;) {
      ids.unshift(runId);
      const [started] = await this.history(runId);
      const attributes = started?.['workflowExecutionStartedEventAttributes'] as { continuedExecutionRunId?: string };
      runId = attributes.continuedExecutionRunId;
    }
    return ids;
  }

  /** The run after another one. */
  async untilRunAfter(runId: string): Promise<void> {
    await waitFor(
      `a run of ${this.id} after ${runId}`,
      () => this.runId(),
      (now) => now !== runId,
    );
  }

  /** `RUNNING`, `COMPLETED`, … */
  async status(): Promise<string> {
    return (await this.handle.describe()).status.name;
  }

  /** By name, those that are set. */
  async searchAttributes(): Promise<Record<string, unknown>> {
    const { typedSearchAttributes } = await this.handle.describe();
    const ours = typedSearchAttributes.getAll().filter(({ key }) => key.name.startsWith('Connect'));
    return Object.fromEntries(ours.map(({ key, value }) => [key.name, value]));
  }

  /** What the run's page in the Web UI shows under Current Details. @param runId default that of now */
  async currentDetails(runId?: string): Promise<string> {
    const run = this.client.workflow.getHandle(this.id, runId);
    const metadata = await run.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  }

  /** What a full sweep sends where it did not find the request. */
  async signalRecheck(): Promise<void> {
    await this.handle.signal(RECHECK);
  }

  /** Asks by update. @returns its answer @throws what the run answered where it does not accept */
  async reprocess(request: Reprocess = { by: 'anna' }): Promise<string> {
    return await this.handle.executeUpdate<string, [Reprocess]>(REPROCESS, { args: [request] });
  }

  /** Asks until it is accepted: for a rest that nobody sees yet. */
  async untilReprocessed(): Promise<string> {
    return await waitFor(`${this.id} to rest`, () => this.reprocess());
  }

  /** Asks by signal, which has no answer. */
  async signalReprocess(...request: [Reprocess?]): Promise<void> {
    await this.handle.signal(REPROCESS, ...request);
  }

  async cancel(): Promise<void> {
    await this.handle.cancel();
  }

  async terminate(): Promise<void> {
    await this.handle.terminate();
  }

  /** Types of the history events of a run, the last unless another is named: `TIMER_STARTED`, … */
  async events(runId?: string): Promise<string[]> {
    return (await this.history(runId)).map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
  }

  /** The settings with which the first step of the last run was scheduled. */
  async firstStep(): Promise<Record<string, unknown>> {
    const scheduled = (await this.history()).find(({ eventType }) => eventType.endsWith('ACTIVITY_TASK_SCHEDULED'));
    return scheduled?.['activityTaskScheduledEventAttributes'] as Record<string, unknown>;
  }

  private async history(runId?: string): Promise<({ eventType: string } & Record<string, unknown>)[]> {
    const history = await this.client.workflow.getHandle(this.id, runId).fetchHistory();
    return (JSON.parse(historyToJSON(history)) as { events: ({ eventType: string } & Record<string, unknown>)[] })
      .events;
  }

  /** All that the history of the last run holds, with its payloads as text: what somebody with access to Temporal can read. */
  async readable(): Promise<string> {
    const json = historyToJSON(await this.handle.fetchHistory());
    return json.replace(/"data": *"([^"]*)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
  }

  /** The argument that the open run, or the last, was started with. */
  async input(): Promise<unknown> {
    const { events } = await this.handle.fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    return JSON.parse(Buffer.from(payload?.data ?? []).toString());
  }
}
