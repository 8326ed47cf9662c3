import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface UploadedFile {
  name: string;
  content: Buffer;
}

/** The body of a form with files. As JSON it is short, for whoever looks into bodies. */
export class Form {
  readonly texts: Record<string, string> = {};
  readonly files: Record<string, UploadedFile> = {};

  toJSON(): object {
    const parts: Record<string, string> = { ...this.texts };
    for (const [part, { name, content }] of Object.entries(this.files)) parts[part] = `${name}, ${content.length}`;
    return parts;
  }
}

const LARGEST = 50 * 1024 * 1024;

/** Let a server read `multipart/form-data`: the body of such a call is a `Form`. */
export function acceptForms(app: FastifyInstance): void {
  app.addContentTypeParser<Buffer>(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: LARGEST },
    async (request: FastifyRequest, body: Buffer) => readForm(body, request.headers['content-type'] ?? ''),
  );
}

/** @throws Error, answered with 400, where it is no form */
async function readForm(body: Buffer, type: string): Promise<Form> {
  const form = new Form();
  for (const [part, value] of await parse(body, type)) {
    if (typeof value === 'string') form.texts[part] = value;
    else form.files[part] = { name: value.name, content: Buffer.from(await value.arrayBuffer()) };
  }
  return form;
}

/** Node's own `fetch` knows how to read a form. */
async function parse(body: Buffer, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw Object.assign(new Error('Multipart form parse error.'), { statusCode: 400 });
  }
}
