import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { optional, Text } from './parameter';
import { eq } from './rql';

const Conversation = z.object({ id: z.string() });
export type Conversation = z.infer<typeof Conversation>;

const Message = z.object({
  id: z.string(),
  created: Text,
  /** `message`, `state_change` or `private`. */
  type: Text,
  text: Text,
  creator: optional(z.object({ name: Text })),
  account: optional(z.object({ name: Text })),
});
export type Message = z.infer<typeof Message>;

const LONGEST_TEXT = 540; // what CloudBlue's own client cuts a message to; Connect's limit is not documented

export function conversations(http: Http) {
  /** The oldest first. */
  async function messages(id: string, options?: CallOptions): Promise<Message[]> {
    const route = '/conversations/{id}/messages';
    const found = await all(pages(http, { route, ids: [id] }, Message, {}, options), route);
    return found.sort((a, b) => Date.parse(a.created) - Date.parse(b.created) || 0);
  }

  return {
    /**
     * The conversations about an object. Connect opens them; nobody else can.
     *
     * @param instanceId `PR-…`, `TCR-…`
     * @see GET /conversations
     */
    list(instanceId: string, options?: CallOptions): Promise<Conversation[]> {
      const filter = eq('instance_id', instanceId);
      return all(pages(http, { route: '/conversations' }, Conversation, { filter }, options), '/conversations');
    },

    /** The oldest first. @see GET /conversations/{id}/messages */
    messages,

    /**
     * Says something, unless it is what was said last: so a repeated call repeats nothing.
     *
     * @param text cut after 540 characters
     * @returns false where it was there already
     * @see POST /conversations/{id}/messages
     */
    async say(id: string, text: string, options?: CallOptions): Promise<boolean> {
      const cut = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
      const said = (await messages(id, options)).filter(({ type }) => type === 'message');
      if (said.at(-1)?.text === cut) return false;
      const body = { text: cut, type: 'message' };
      await http.answer({ method: 'POST', route: '/conversations/{id}/messages', ids: [id], body }, options);
      return true;
    },
  };
}
