import type { SandboxControl } from '../../../sandbox/control-client';
import type { Act, Consequence, Expected, HeldBackUsage, Story, View } from '../../../sandbox/story';
import { type Client, isGrpcDeadlineError, WorkflowNotFoundError } from '@temporalio/client';
import { DEFAULT_TASK_QUEUE } from '../../domain/ids';
import { REPROCESS, type Reprocess } from '../../domain/messages';
import { DEFAULT_PATIENCE } from '../../domain/request-run';
import { usageReportId } from '../../domain/usage';
import { monthBefore } from '../../domain/usage-period';
import { openRuns, progressOf } from '../../temporal/request-runs';
import { startUsageReport, usageRuns } from '../../temporal/usage-runs';

/** One request of the demo, or one usage file, as it stands. */
export interface Row extends Expected {
  story: Story;
  /** In Connect. */
  status: string;
  /** Of its run, while one is open. */
  phase: string | undefined;
  step: string | undefined;
  /** `Date.now()` */
  placedAt: number;
  endedAt: number | undefined;
}

/** What came of it, held against what was expected. */
export interface Verdict {
  row: Row;
  /** Tenants that the vendor ever made for its subscription; undefined where that is not this request's matter. */
  tenants: number | undefined;
  /** How often its approval took effect in Connect. */
  approvals: number;
  /** There were tenants, and none is left. */
  givenBack: boolean;
  /** How often a usage file of its name was submitted; undefined of a request. */
  submissions: number | undefined;
  ok: boolean;
}

const ENDS = ['approved', 'failed', 'revoked', 'accepted'];

/** A worker that lives answers within milliseconds. One that was killed is not to keep the demo waiting. */
const ANSWER_WITHIN_MS = 2_000;

const workflowOf = ({ id, workflow = id }: Pick<Expected, 'id' | 'workflow'>) => workflow;

/** Plays stories: places their orders, watches Connect and Temporal, and lets happen what is due. */
export class Play {
  readonly rows: Row[] = [];
  private readonly acts = new Map<Story, Act[]>();
  /** When an act whose moment has come is played. */
  private readonly due = new Map<Act, number>();
  /** Why runs did not say where they stand: each reason is told once. */
  private readonly silences = new Set<string>();

  constructor(
    private readonly control: SandboxControl,
    private readonly client: Client,
  ) {}

  /** More may be placed once these are over. */
  async place(stories: readonly Story[]): Promise<void> {
    for (const story of stories) {
      this.acts.set(story, [...story.acts]);
      this.add(story, await story.place(this.control));
    }
  }

  /** True once all that is to end has ended in Connect, its run in Temporal too, and every act is played. */
  get isOver(): boolean {
    return this.open.length === 0 && this.ahead.length === 0;
  }

  /** What has yet to end. */
  get open(): Row[] {
    return this.rows.filter(
      ({ endedAt, expected, phase }) => (endedAt === undefined && expected !== 'pending') || phase !== undefined,
    );
  }

  /** The acts that have not been played yet, in words. */
  get ahead(): string[] {
    return [...this.acts].flatMap(([{ name }, acts]) => acts.map(({ about }) => `${name}: ${about}`));
  }

  /**
   * Looks once, and acts.
   *
   * @param stepsOf how many of the open runs are asked for their step
   * @returns what happened, a line each
   */
  async advance(stepsOf: number): Promise<string[]> {
    const { requests, tierConfigRequests, usageFiles, tenants } = await this.control.state();
    const all = [...requests, ...tierConfigRequests, ...usageFiles];
    const statuses = new Map(all.map(({ id, status }) => [id, status]));
    const phases = new Map<string, string>();
    for await (const run of openRuns(this.client)) phases.set(run.id, run.phase);
    const heldBack: HeldBackUsage[] = [];
    for (const { id, productId: product, isOpen, phase, reason } of await usageRuns(this.client)) {
      if (isOpen) phases.set(id, phase);
      if (isOpen && phase === 'parked') heldBack.push({ workflow: id, product, reason });
    }
    for (const row of this.rows) {
      row.status = statuses.get(row.id) ?? 'gone';
      row.phase = phases.get(workflowOf(row));
      row.step = undefined;
      if (ENDS.includes(row.status)) row.endedAt ??= Date.now();
    }
    const open = this.rows.filter(({ phase }) => phase !== undefined).slice(0, stepsOf);
    const silences = (await Promise.all(open.map((row) => this.askForStep(row)))).filter((why) => why !== undefined);
    const view: View = {
      status: (id) => statuses.get(id),
      phase: (id) => this.rowOf(id)?.phase,
      step: (id) => this.rowOf(id)?.step,
      usageFiles,
      heldBack,
      tenants: (asset) => tenants.filter(({ external_id: made }) => made === asset).length,
    };
    return [...silences, ...(await this.playActs(view))];
  }

  /** Counts what was made and approved, however often it was asked for. */
  async verdicts(): Promise<Verdict[]> {
    const { effects } = await this.control.counters();
    const files = await this.control.usage.files();
    const submissionsOf = (name: string) =>
      files.reduce((sum, file) => sum + (file.external_id === name ? (file.effects['submit'] ?? 0) : 0), 0);
    return await Promise.all(
      this.rows.map(async (row) => {
        const approvals = effects[row.id]?.['approve'] ?? 0;
        const made = row.asset !== undefined && row.tenants !== undefined && (await this.control.tenantsOf(row.asset));
        const tenants = made ? made.length : undefined;
        const givenBack = made && made.length > 0 && made.every(({ status }) => status === 'deleted');
        const submissions = row.submissions === undefined ? undefined : submissionsOf(workflowOf(row));
        const ok =
          row.status === row.expected &&
          tenants === row.tenants &&
          submissions === row.submissions &&
          approvals === (row.expected === 'approved' ? 1 : 0) &&
          (givenBack || row.givenBack !== true);
        return { row, tenants, approvals, givenBack, submissions, ok };
      }),
    );
  }

  private add(story: Story, placed: readonly Expected[]): void {
    const now = { status: 'placed', phase: undefined, step: undefined, placedAt: Date.now(), endedAt: undefined };
    const behind = this.rows.findLastIndex((row) => row.story === story) + 1 || this.rows.length; // a story stays together
    this.rows.splice(behind, 0, ...placed.map((expected) => ({ ...expected, ...now, story })));
  }

  private async playActs(view: View): Promise<string[]> {
    const happened: string[] = [];
    for (const [story, acts] of this.acts) {
      const [next] = acts;
      if (!next?.when(view)) continue;
      const dueAt = this.due.get(next) ?? Date.now() + (next.lingerMs ?? 0);
      this.due.set(next, dueAt);
      if (Date.now() < dueAt) continue;
      acts.shift();
      happened.push(`${story.name}: ${next.about}`, ...(await this.bear(story, await next.run(this.control, view))));
    }
    return happened;
  }

  private async bear(story: Story, consequence: Consequence): Promise<string[]> {
    const { said, placed = [], acts = [], reprocess = [], reportUsageOf } = consequence;
    this.add(story, placed);
    this.acts.get(story)?.unshift(...acts);
    const request: Reprocess = { by: 'the demo' };
    const workflows = reprocess.map((id) => workflowOf(this.rowOf(id) ?? { id }));
    await Promise.all(workflows.map((id) => this.client.workflow.getHandle(id).signal(REPROCESS, request)));
    return [
      ...(said ? [`  ${said}`] : []),
      ...workflows.map((id) => `  signal "${REPROCESS}" sent to ${id}`),
      ...(reportUsageOf ? [await this.reportUsage(reportUsageOf)] : []),
    ];
  }

  private async reportUsage(productId: string): Promise<string> {
    const of = { productId, period: monthBefore(new Date().toISOString().slice(0, 7)) };
    await startUsageReport(this.client, of, { taskQueue: DEFAULT_TASK_QUEUE, patience: DEFAULT_PATIENCE });
    return `  workflow ${usageReportId(of)} started`;
  }

  private rowOf(id: string): Row | undefined {
    return this.rows.find((row) => row.id === id);
  }

  /** @returns why the run does not answer, where it does not and nobody was told so yet */
  private async askForStep(row: Row): Promise<string | undefined> {
    try {
      row.step = (await progressOf(this.client, workflowOf(row), ANSWER_WITHIN_MS)).step;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined; // it has ended since it was listed
      row.step = 'no answer';
      const why = isGrpcDeadlineError(error) ? 'no worker has answered' : String(error);
      if (this.silences.has(why)) return undefined;
      this.silences.add(why);
      return `${row.id} does not say where it stands: ${why}`;
    }
    return undefined;
  }
}
