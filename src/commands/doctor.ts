import type { Command } from 'commander';
import { type CommandContext, EXIT } from './command';
import { secretsOf } from '../config';
import { createRedactor } from '../domain/redact';
import { checkConnect } from './doctor/connect';
import type { Finding } from './doctor/finding';
import { checkListening } from './doctor/listen';
import { checkSelection } from './doctor/selection';
import { checkTemporal } from './doctor/temporal';
import { checkVendors } from './doctor/vendor';
import { print } from './print';

export function doctorCommand(command: Command, context: CommandContext, exit: (code: number) => void): Command {
  return command.option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const config = context.config();
    const vendors = await context.vendors(config);
    const redact = createRedactor(secretsOf(config));
    const findings: Finding[] = [];
    for await (const found of allChecks()) {
      const finding = { ...found, text: redact(found.text) };
      findings.push(finding);
      if (!json) print(shown(finding));
    }
    if (json) print(JSON.stringify(findings, null, 2));
    const wrong = findings.filter(({ ok }) => !ok).length;
    if (wrong > 0 && !json) print(`\n${wrong} of ${findings.length} findings: WRONG, see above`); // which may have left the screen
    if (wrong > 0) exit(EXIT.failed);

    async function* allChecks() {
      yield* checkTemporal(config, vendors);
      yield* checkSelection(config);
      yield* checkConnect(config, vendors);
      yield* checkListening(config, vendors);
      yield* checkVendors(vendors, config.vendor.exampleAllowed);
    }
  });
}

function shown({ ok, text, todo }: Finding): string {
  if (todo === undefined) return `ok     ${text}`;
  return `${ok ? 'note  ' : 'WRONG '} ${text}\n       ${todo}`;
}
