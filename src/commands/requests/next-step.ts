import { ApplicationFailure } from '@temporalio/common';
import type { LogEntry } from '@temporalio/worker';
import { redactedFailure } from '../../../activities/failure';
import { createTemplates } from '../../../activities/templates';
import { createVendorActivities } from '../../../activities/vendor';
import type { Config } from '../../config';
import type { ConnectClient } from '../../connect/client';
import { ConnectError } from '../../connect/errors';
import { failurePolicy } from '../../domain/failure-type';
import { requestKind } from '../../domain/ids';
import { REVOKE, type VendorAnswer } from '../../domain/request-run';
import { callFor, REQUEST_TYPES } from '../../sdk/handlers';
import type { Outcome } from '../../sdk/outcome';
import type { Vendor, Vendors } from '../../sdk/vendor';
import { templateName } from '../../template-name';
import { printError } from '../print';

/** What the run of a request would do next, after what it reads. */
export type NextStep =
  /** Nothing: the request is not pending, or not ours to handle. */
  | { step: 'none'; reason: string }
  /** The first change at the vendor: `purchase.create`, `change`, … */
  | { step: 'call'; handler: string; idempotencyKey: string }
  /** What a purchase's `find` returned is told Connect. `passwords`: the ids of those that would be saved first. */
  | { step: 'answer'; answer: VendorAnswer; passwords: string[] }
  /** What cannot go on. `parks`: at once, until a person acts; else it would be tried on. */
  | { step: 'trouble'; failureType: string; message: string; parks: boolean };

export interface Ahead {
  next: NextStep;
  /** The activation template; undefined where none is needed, or the run would not come as far. */
  template: { id: string; name: string } | undefined;
  /** Whether the vendor's `find` was called, which is their code. */
  asked: boolean;
  /** Whether the vendor's `find` found what the purchase made; undefined where it did not say. */
  found: boolean | undefined;
}

/**
 * Goes the way of a request's run up to the first change: by its own activity, whose Connect saves nothing and whose vendor only finds.
 *
 * @param redact takes secrets out of a text
 * @throws ConnectError
 */
export async function nextStep(
  id: string,
  { connect, vendors, config, redact }: Surroundings & { redact(text: string): string },
): Promise<Ahead> {
  const seen: Ahead = { next: { step: 'none', reason: '' }, template: undefined, asked: false, found: undefined };
  const passwords: string[] = [];
  const activities = createVendorActivities({
    connect: savingNothing(connect, (ids) => passwords.push(...ids)),
    vendorOf(productId) {
      const vendor = vendors.get(productId);
      return vendor && onlyFinding(vendor, seen);
    },
    selectionOf: (productId) => config.selections[productId],
    templates: watchedTemplates(connect, (template) => (seen.template ??= template)),
    templateName: (use, productId, type) => templateName(config.templates, use, productId, type),
    redact,
  });
  const ask = requestKind(id) === 'tierConfig' ? activities.askVendorForTierConfig : activities.askVendor;
  // With them comes the whole worker, half of the time that any other command about requests takes.
  const [{ MockActivityEnvironment }, { DefaultLogger }] = await Promise.all([
    import('@temporalio/testing'),
    import('@temporalio/worker'),
  ]);
  const logger = new DefaultLogger(config.logLevel === 'debug' ? 'DEBUG' : 'INFO', linesOfHandlers(redact));
  try {
    const environment = new MockActivityEnvironment({}, { logger });
    const args: [string, undefined, typeof REVOKE] = [id, undefined, REVOKE]; // as a round starts it: where it is being revoked, about that
    const answer = await environment.run<typeof args, VendorAnswer, typeof ask>(ask, ...args);
    const isDone = answer.kind === 'noop';
    return { ...seen, next: isDone ? { step: 'none', reason: answer.reason } : { step: 'answer', answer, passwords } };
  } catch (error) {
    return { ...seen, next: seen.next.step === 'call' ? seen.next : troubleOf(error, redact) };
  }
}

/** What a handler logs, on standard error; Temporal's own lines are about an activity that nobody runs. */
function linesOfHandlers(redact: (text: string) => string) {
  return ({ message, meta }: LogEntry) => {
    if (meta && 'requestId' in meta) printError(redact(message));
  };
}

export interface Surroundings {
  connect: ConnectClient;
  vendors: Vendors;
  config: Pick<Config, 'selections' | 'templates' | 'logLevel'>;
}

/** @throws ConnectError, since it says nothing of the request */
function troubleOf(error: unknown, redact: (text: string) => string): NextStep {
  if (error instanceof ConnectError) throw error;
  const failed = redactedFailure(error, redact);
  const failureType = (failed instanceof ApplicationFailure && failed.type) || failed.name;
  return { step: 'trouble', failureType, message: failed.message, parks: failurePolicy(failureType)?.final ?? false };
}

/** @param note is told the ids of the parameters that would be saved at once: what holds a password */
function savingNothing(connect: ConnectClient, note: (ids: string[]) => void): ConnectClient {
  const updateParams: ConnectClient['requests']['updateParams'] = async (_, params) => note(params.map(({ id }) => id));
  return {
    ...connect,
    requests: { ...connect.requests, updateParams },
    tierConfigRequests: { ...connect.tierConfigRequests, updateParams },
  };
}

/** Templates that tell which was found, with the name that it has in Connect. */
function watchedTemplates(connect: ConnectClient, note: (template: NonNullable<Ahead['template']>) => void) {
  const names = new Map<string, string>();
  const templates = createTemplates({
    templates: {
      async list(...of) {
        const listed = await connect.templates.list(...of);
        for (const { id, name } of listed) names.set(id, name);
        return listed;
      },
    },
  });
  return {
    ...templates,
    async find(query: Parameters<typeof templates.find>[0]) {
      const id = await templates.find(query);
      note({ id, name: names.get(id) ?? query.name });
      return id;
    },
  };
}

/** The vendor with its handlers replaced: each notes that it would be called now, and ends there. Only `purchase.find` is as it is. */
function onlyFinding(vendor: Vendor, seen: Ahead): Vendor {
  const stopAt =
    (handler: string) =>
    async ({ idempotencyKey }: { idempotencyKey: string }): Promise<Outcome> => {
      seen.next = { step: 'call', handler, idempotencyKey };
      throw new Error(`the dry run ends before ${handler}`);
    };
  const whenCalled = (type: string) => ({ beforePlannedDate: callFor(vendor, type)?.beforePlannedDate ?? false });
  const names = [...REQUEST_TYPES, 'tierConfig'].filter((name) => vendor[name as keyof Vendor] !== undefined);
  const { purchase } = vendor;
  return {
    ...Object.fromEntries(names.map((name) => [name, { ...whenCalled(name), handle: stopAt(name) }])),
    ...(purchase && {
      purchase: {
        async find(request) {
          seen.asked = true;
          const outcome = await purchase.find(request);
          seen.found = outcome !== undefined;
          return outcome;
        },
        create: stopAt('purchase.create'),
        ...whenCalled('purchase'),
        ...(purchase.timeLimitSeconds && { timeLimitSeconds: purchase.timeLimitSeconds }),
      },
    }),
  };
}
