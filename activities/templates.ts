import type { ConnectClient } from '../src/connect/client';
import type { Template } from '../src/connect/templates';
import { failure } from './failure';
import { FailureType } from '../src/domain/failure-type';

/** Which templates a request may use: those of a scope, and for subscriptions of a type too. */
export interface TemplateKind {
  scope: 'asset' | 'tier1' | 'tier2';
  /** Absent for the tier scopes, whose templates have no type. */
  type?: 'fulfillment' | 'inquire';
}

export interface TemplateQuery extends TemplateKind {
  productId: string;
  /** The name to look for. */
  name: string;
  /** True where the name is a default that nobody chose: then the only template of its kind will do. */
  anyIfOnly: boolean;
}

const KEPT_MS = 60_000;

/**
 * Finds templates by name. Connect's list is filtered by scope and type alone, so names are compared here. Each list is kept for a minute, and
 * read again at once where nothing in it will do. No longer, since a template that is deleted and made anew keeps its name and not its id.
 */
export function createTemplates(connect: Pick<ConnectClient, 'templates'>, now: () => number = Date.now) {
  const lists = new Map<string, { at: number; templates: Promise<Template[]> }>();

  async function list(productId: string, kind: TemplateKind, fresh: boolean): Promise<Template[]> {
    const key = `${productId} ${kind.scope} ${kind.type ?? ''}`;
    const kept = lists.get(key);
    if (!fresh && kept && now() - kept.at < KEPT_MS) return await kept.templates;

    const templates = connect.templates.list(productId, kind, { signal: null }); // shared: it must not end with whoever asked first
    lists.set(key, { at: now(), templates });
    templates.catch(() => lists.delete(key));
    return await templates;
  }

  return {
    /**
     * @returns the id of the template, `TL-…`
     * @throws TemplateMissing, final: its message lists the names that exist
     */
    async find({ productId, name, anyIfOnly, ...kind }: TemplateQuery): Promise<string> {
      const choose = (from: readonly Template[]) =>
        from.find((template) => template.name === name) ?? (anyIfOnly && from.length === 1 ? from[0] : undefined);

      const kept = choose(await list(productId, kind, false));
      if (kept) return kept.id;
      const templates = await list(productId, kind, true);
      const found = choose(templates);
      if (found) return found.id;

      const names = templates.map((template) => `"${template.name}"`).join(', ') || 'none';
      throw failure(
        FailureType.TEMPLATE_MISSING,
        `Product ${productId} has no ${kind.type ?? 'activation'} template "${name}" in scope ${kind.scope}. There: ${names}.`,
      );
    },
  };
}

export type Templates = ReturnType<typeof createTemplates>;
