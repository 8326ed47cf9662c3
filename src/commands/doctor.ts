import { Command } from 'commander';
import { type CommandContext, EXIT } from './command';
import { createRedactor } from '../redact';
import { print } from './print';
import { checkConnect, checkTemporal, checkVendorApi, type Finding } from './doctor-checks';

export function doctorCommand(context: CommandContext, exit: (code: number) => void): Command {
  return new Command('doctor')
    .description(
      'Check all that a deployment needs: Connect, products, templates, parameters, Temporal, the vendor API',
    )
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const config = context.config();
      const vendor = await context.vendor(config);
      const redact = createRedactor([config.connect.apiKey, config.vendor.apiKey]);
      const findings: Finding[] = [];
      for await (const found of allChecks()) {
        const finding = { ...found, text: redact(found.text) };
        findings.push(finding);
        if (!json)
          print(`${finding.ok ? 'ok    ' : 'WRONG '} ${finding.text}${finding.ok ? '' : `\n       ${finding.todo}`}`);
      }
      if (json) print(JSON.stringify(findings, null, 2));
      if (findings.some(({ ok }) => !ok)) exit(EXIT.failed);

      async function* allChecks() {
        yield* checkTemporal(config);
        yield* checkConnect(config, vendor);
        yield* checkVendorApi(vendor);
      }
    });
}
