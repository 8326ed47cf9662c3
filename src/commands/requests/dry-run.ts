import { Command } from 'commander';
import { type CommandContext, EXIT } from '../command';
import { secretsOf } from '../../config';
import { withConnect } from '../../connect/client';
import type { Parameter } from '../../connect/parameter';
import { isSecret, type ParamValue } from '../../domain/parameters';
import type { VendorAnswer } from '../../domain/request-run';
import { createRedactor, HIDDEN } from '../../domain/redact';
import { readWhole, type RequestRead, type Standing, standingOf, waitsBehind } from './before';
import { type Ahead, nextStep, type NextStep } from './next-step';
import { print, printTable } from '../print';
import { checkRequestId } from './request-id';

export function dryRun(context: CommandContext, exit: (code: number) => void): Command {
  return new Command('dry-run')
    .argument('<id>', 'PR-… or TCR-…')
    .description('What would be done with a request: all up to the first change, which is printed and not made')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      checkRequestId(id);
      const config = context.config();
      const vendors = await context.vendors(config);
      await withConnect(config.connect, async (connect) => {
        const request = await readWhole(connect, id);
        const standing = await standingOf(id, request, { connect, vendors, config });
        const redact = createRedactor(secretsOf(config));
        const ahead = await nextStep(id, { connect, vendors, config, redact });
        const { status, type, plannedDate, productId, assetId, items } = request;
        const shown = { id, status, type, plannedDate, productId, assetId, items, params: valuesOf(request.params) };
        if (json) print(redact(JSON.stringify({ ...shown, ...standing, ...ahead }, null, 2)));
        else printTable(rowsOf({ ...shown, ...standing, ...ahead }).map((row) => row.map(redact)));
        if (ahead.next.step === 'trouble') exit(EXIT.failed);
      });
    });
}

/** By id, passwords hidden. */
function valuesOf(params: readonly Parameter[]): Record<string, ParamValue> {
  return Object.fromEntries(
    params.map((param) => {
      const value = param.structured_value ?? param.value;
      return [param.id, isSecret(param) && value !== '' ? HIDDEN : value];
    }),
  );
}

type Shown = { id: string; params: Record<string, ParamValue> } & Omit<
  RequestRead,
  'connectionType' | 'params' | 'resellers'
>;

function rowsOf({ id, type, plannedDate, productId, assetId, status, ...rest }: Shown & Standing & Ahead): string[][] {
  const { items, params, left, behind, tierRequests, template, asked, found, next } = rest;
  const before = [
    ...tierRequests.map((request) => `${request.id}, ${request.type} of tier ${request.level}`),
    ...(behind ? [waitsBehind(behind)] : []),
  ];
  return [
    ['request', `${id} ${type} of ${productId} for ${assetId}`],
    ['in Connect', status],
    ...(plannedDate ? [['planned for', plannedDate]] : []),
    ...(items.length > 0 ? [['items', items.join(', ')]] : []),
    ...Object.entries(params).map(([name, value]) => ['parameter', `${name} = ${JSON.stringify(value)}`]),
    ...(left ? [['no round', `would start it: ${left}`]] : []),
    ...(before.length > 0 ? before : ['nothing']).map((text) => ['before it', text]),
    ...(template ? [['template', `${template.id} "${template.name}"`]] : []),
    ...(found === undefined ? [] : [['find', `of the vendor found ${found ? 'what was made before' : 'nothing'}`]]),
    ...nextLines(next).map((line) => ['next', line]),
    ['changed', `nothing, at the vendor or in Connect${asked ? ', but for what `purchase.find` did' : ''}`],
  ];
}

function nextLines(next: NextStep): string[] {
  switch (next.step) {
    case 'none':
      return [`nothing: ${next.reason}`];
    case 'call':
      return [`would call ${next.handler} of the vendor, with the idempotency key ${next.idempotencyKey}`];
    case 'answer':
      return answerLines(next.answer, next.passwords);
    case 'trouble':
      return [
        `${next.parks ? 'would be parked' : 'would be tried on, and parked if it lasts'}: ${next.failureType}`,
        next.message,
      ];
  }
}

function answerLines(answer: VendorAnswer, passwords: readonly string[]): string[] {
  const saved = 'params' in answer ? answer.params : [];
  return [
    ...passwords.map((id) => `would save ${id} = ${HIDDEN}`),
    ...saved.flatMap(({ id, value, structuredValue }) => {
      const wanted = value ?? structuredValue;
      return wanted === undefined ? [] : [`would save ${id} = ${JSON.stringify(wanted)}`];
    }),
    conclusionOf(answer),
  ];
}

function conclusionOf(answer: VendorAnswer): string {
  switch (answer.kind) {
    case 'noop':
      return `nothing: ${answer.reason}`;
    case 'approve':
      return approvalOf(answer);
    case 'inquire':
      return `would ask the customer: ${JSON.stringify(answer.paramErrors)}`;
    case 'fail':
      return `would fail the request: ${answer.reason}`;
    case 'wait':
      return `would wait ${answer.seconds} s, and ask the vendor again`;
    case 'schedule':
      return `would put it off until ${answer.plannedDate}`;
    case 'revoking':
      return 'would ask the vendor about the revocation';
    case 'confirm':
      return 'would confirm the revocation';
  }
}

function approvalOf({ templateId, approval = {} }: Extract<VendorAnswer, { kind: 'approve' }>): string {
  const { activationTile, ...dates } = approval;
  const by = activationTile === undefined ? `the template ${templateId}` : `the text ${JSON.stringify(activationTile)}`;
  return [`would approve with ${by}`, ...Object.entries(dates).map(([name, date]) => `${name} ${date}`)].join(', ');
}
