import type { ConnectClient } from '../src/connect/client';
import type { Template } from '../src/connect/templates';
import { FailureType } from '../src/domain/failure-type';
import { failure } from './failure';
import { isRefusal } from './settle';

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
 * read again at once where nothing in it will do, or Connect refuses what was found in it. No longer, since a template that is deleted and made
 * anew keeps its name and not its id.
 */
export function createTemplates(connect: Pick<ConnectClient, 'templates'>, now: () => number = Date.now) {
  const lists = new Map<string, { at: number; templates: Promise<Template[]> }>();
  const foundIn = new Map<string, string>(); // a template's id to the key of its list

  async function list(productId: string, kind: TemplateKind, fresh: boolean): Promise<Template[]> {
    const key = keyOf(productId, kind);
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

      const kept = await list(productId, kind, false);
      const templates = choose(kept) ? kept : await list(productId, kind, true);
      const found = choose(templates);
      if (found) {
        foundIn.set(found.id, keyOf(productId, kind));
        return found.id;
      }
      const names = templates.map((template) => `"${template.name}"`).join(', ') || 'none';
      throw failure(
        FailureType.TEMPLATE_MISSING,
        `Product ${productId} has no ${kind.type ?? 'activation'} template "${name}" in scope ${kind.scope}. There: ${names}.`,
      );
    },

    /**
     * Does something with a template that was found here. Where Connect refuses it, the template may be gone, and made anew since: whoever
     * looks next reads the list again.
     *
     * @param templateId undefined where none is used
     */
    async use<T>(templateId: string | undefined, act: () => Promise<T>): Promise<T> {
      try {
        return await act();
      } catch (error) {
        const key = templateId === undefined ? undefined : foundIn.get(templateId);
        if (key !== undefined && isRefusal(error)) lists.delete(key);
        throw error;
      }
    },
  };
}

function keyOf(productId: string, { scope, type }: TemplateKind): string {
  return `${productId} ${scope} ${type ?? ''}`;
}

export type Templates = ReturnType<typeof createTemplates>;
