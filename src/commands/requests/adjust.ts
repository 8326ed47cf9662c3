import { Command } from 'commander';
import { createAdjustment } from '../../adjustment';
import type { Config } from '../../config';
import type { Asset } from '../../connect/assets';
import { withConnect } from '../../connect/client';
import type { ParamValue } from '../../domain/parameters';
import { isRecord } from '../../sdk/values';
import type { Vendors } from '../../sdk/vendor';
import { type CommandContext, UsageError } from '../command';
import { whyLeftBy } from './pending-now';
import { print } from '../print';

export function adjust(context: CommandContext): Command {
  return new Command('adjust')
    .argument('<asset>', 'AS-…')
    .argument(
      '<params...>',
      'id=value, for each fulfillment parameter to correct; id:=JSON where its value is a structure',
    )
    .description(
      'Ask Connect for an adjustment of a subscription, where its vendor has the handler "adjustment", which then sees to it',
    )
    .option('--json', 'as JSON')
    .action(async (assetId: string, given: string[], { json }: { json?: boolean }) => {
      if (!/^AS-[\w-]+$/.test(assetId)) throw new UsageError(`"${assetId}" is no id of a subscription: give AS-….`);
      const params = paramsOf(given);
      const config = context.config();
      const vendors = await context.vendors(config);
      await withConnect(config.connect, async (connect) => {
        const why = whyUnhandled(await connect.assets.get(assetId), config, vendors);
        if (why !== undefined) {
          throw new Error(
            `Nothing was created: nobody would handle an adjustment of ${assetId}, and it would keep other requests for it away. ${why}`,
          );
        }
        const { id, created } = await createAdjustment(connect, { assetId, params });
        if (json) print(JSON.stringify({ id, created }, null, 2));
        else if (!id) print('nothing to correct: the subscription has these values');
        else print(created ? `${id} created` : `${id} is open already, and asks for this: nothing was created`);
      });
    });
}

/** Why no round would start the adjustment, and who changes that; undefined where one would. */
function whyUnhandled({ product, ...asset }: Asset, config: Config, vendors: Vendors): string | undefined {
  const productId = product.id;
  if (!vendors.has(productId)) {
    return `CONNECT_PRODUCTS does not list ${productId}: an operator of the deployment that lists it asks there.`;
  }
  const left = whyLeftBy({ config, vendors })({
    id: '',
    type: 'adjustment',
    created: '',
    productId,
    connectionType: asset.connection?.type,
    marketplaceId: asset.marketplace?.id,
    contractId: asset.contract?.id,
  });
  if (!left) return undefined;
  if (left.reason === 'unhandled') {
    return `The vendor of ${productId} has no handler \`adjustment\`: its developer writes one (docs/write-your-vendor.md).`;
  }
  return `By the configuration, ${left.text}: an operator selects it (docs/configuration.md), restarts the worker, and asks again.`;
}

/** @throws UsageError */
export function paramsOf(given: readonly string[]): Record<string, ParamValue> {
  const params = new Map<string, ParamValue>();
  for (const [id, value] of given.map(paramOf)) {
    if (params.has(id)) throw new UsageError(`"${id}" is given twice: give one value for each parameter.`);
    params.set(id, value);
  }
  return Object.fromEntries(params);
}

/** No id of a parameter ends in a colon. */
function paramOf(text: string): [id: string, value: ParamValue] {
  const [, id, colon, value = ''] = /^([^=]+?)(:?)=(.*)$/s.exec(text) ?? [];
  if (id === undefined) throw new UsageError(`"${text}" is no parameter: give id=value.`);
  return [id, colon ? structureOf(id, value) : value];
}

function structureOf(id: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // said below
  }
  throw new UsageError(
    `The value of "${id}" is no JSON object: give ${id}:={"…": …}, or ${id}=value where it is a text.`,
  );
}
