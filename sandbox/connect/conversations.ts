import type { FastifyInstance } from 'fastify';
import { DISTRIBUTOR, VENDOR } from './accounts';
import { accountOf } from './authorization';
import { isoSecond } from './clock';
import { invalid, notFound } from './errors';
import { answerList } from './list';
import type { Conversation, Message } from './model';
import { choice, date, text, type Fields } from './rql/fields';
import type { Store } from './store';

const MESSAGE_TYPES = ['message', 'state_change', 'private'];

/** The platform opens one conversation for every request; API users cannot. */
export function openConversation(store: Store, instanceId: string, topic: string): void {
  const conversation: Conversation = {
    seq: store.next(),
    id: store.ids.conversation(),
    status: 'open',
    instanceId,
    topic,
    messages: [],
    createdMs: Date.now(),
  };
  store.conversations.add(conversation);
  store.conversationOf.set(instanceId, conversation);
}

function view(conversation: Conversation): object {
  const created = isoSecond(conversation.createdMs);
  return {
    id: conversation.id,
    instance_id: conversation.instanceId,
    topic: conversation.topic,
    type: 'conversation',
    status: conversation.status,
    created,
    creator: { id: 'UR-000-000-000', name: 'System' },
    accounts: [VENDOR, DISTRIBUTOR].map(({ id, name }) => ({ id, name })),
    events: { created: { at: created } },
  };
}

function messageView(message: Message): object {
  const created = isoSecond(message.createdMs);
  return {
    id: message.id,
    conversation: message.conversation,
    account: message.account,
    created,
    creator: { id: 'UR-000-000-001', name: 'Sandbox Person' },
    text: message.text,
    type: message.type,
    events: { created: { at: created } },
  };
}

const fields: Fields<Conversation> = {
  id: text((conversation) => conversation.id),
  instance_id: text((conversation) => conversation.instanceId, { lookups: ['eq', 'ne', 'like', 'ilike', 'in', 'out'] }),
  created: date((conversation) => conversation.createdMs),
  'events.created.at': date((conversation) => conversation.createdMs),
};

const messageFields: Fields<Message> = {
  id: text((message) => message.id),
  text: text((message) => message.text),
  type: choice(MESSAGE_TYPES, (message) => message.type),
  created: date((message) => message.createdMs),
};

/** `/conversations` and their messages. */
export function conversationRoutes(app: FastifyInstance, store: Store): void {
  const existing = (id: string): Conversation => {
    const conversation = store.conversations.get(id);
    if (conversation === undefined) throw notFound('Conversation', id);
    return conversation;
  };

  app.get('/conversations', (request, reply) => answerList(request, reply, store.conversations, { fields, view }));
  app.get<{ Params: { id: string } }>('/conversations/:id', ({ params }) => view(existing(params.id)));
  app.get<{ Params: { id: string } }>('/conversations/:id/messages', (request, reply) =>
    answerList(request, reply, existing(request.params.id).messages, { fields: messageFields, view: messageView }),
  );
  app.post<{ Params: { id: string }; Body: { text?: unknown; type?: unknown } | null }>(
    '/conversations/:id/messages',
    (request, reply) => {
      const conversation = existing(request.params.id);
      const account = accountOf(request);
      const { text: words, type = 'message' } = request.body ?? {};
      if (typeof words !== 'string' || words === '') throw invalid('text', 'This field may not be blank.');
      if (!MESSAGE_TYPES.includes(String(type))) throw invalid('type', `"${String(type)}" is not a valid choice.`);
      const message: Message = {
        id: store.ids.message(),
        conversation: conversation.id,
        account: { id: account.id, name: account.name },
        text: words,
        type: String(type),
        createdMs: Date.now(),
      };
      conversation.messages.push(message);
      reply.code(201);
      return messageView(message);
    },
  );
}
