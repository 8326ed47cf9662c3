import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

/** A place where an answer may part from the description. */
export interface Deviation {
  why: string;
  /** Place in the answer, as a JSON pointer: `/asset/status`, in a list `/0/asset/status`. */
  at: RegExp;
  /** What of the description does not hold there: `enum`, `type`, `required`, or `*`. */
  keyword: string;
  /** With `enum`: the values that are allowed besides. */
  values?: string[];
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }>; $ref?: string }>;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
}

export interface Validator {
  /**
   * What is wrong with an answer; empty where nothing is. A body is judged where the description has a JSON schema for
   * the status.
   *
   * @param path below the root, without query
   */
  check(method: string, path: string, status: number, body: unknown): string[];
  /** The operation that a call is, for example `GET /requests/{id}`; undefined where the description has none. */
  operation(method: string, path: string): string | undefined;
}

/** @param yaml text of the description */
export function createValidator(yaml: string, deviations: Deviation[]): Validator {
  const description = parse(yaml, { maxAliasCount: -1 }) as Description;
  allowNull(description);
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, verbose: true, logger: false });
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  ajv.addFormat('date-time', instant).addFormat('datetime', instant);
  ajv.addSchema(description, 'connect');
  const paths = Object.keys(description.paths)
    .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`) }))
    .sort((a, b) => variables(a.template) - variables(b.template));
  const compiled = new Map<string, ValidateFunction>();

  const templateOf = (method: string, path: string) =>
    paths.find(
      ({ template, pattern }) =>
        pattern.test(path) && description.paths[template]?.[method.toLowerCase()] !== undefined,
    )?.template;

  const schemaAt = (pointer: string): ValidateFunction => {
    let validate = compiled.get(pointer);
    if (validate === undefined) compiled.set(pointer, (validate = ajv.compile({ $ref: `connect#${pointer}` })));
    return validate;
  };

  return {
    operation(method, path) {
      const template = templateOf(method, path);
      return template && `${method} ${template.replace(/\{\w+\}/g, '{}')}`;
    },
    check(method, path, status, body) {
      const template = templateOf(method, path);
      if (template === undefined) return [`${method} ${path} is not described`];
      const { responses } = description.paths[template]?.[method.toLowerCase()] as Operation;
      const response = responses[status];
      if (response === undefined && status >= 400) return isErrorBody(body) ? [] : ['this is no error body'];
      if (response === undefined) return [`status ${status} is not described`];
      if (response.content?.['application/json'] === undefined) return [];
      const steps = [
        'paths',
        template,
        method.toLowerCase(),
        'responses',
        String(status),
        'content',
        'application/json',
      ];
      const pointer = `/${[...steps, 'schema'].map((step) => encodeURIComponent(escape(step))).join('/')}`;
      const validate = schemaAt(pointer);
      if (validate(body)) return [];
      return (validate.errors ?? []).filter((error) => !isAllowed(error, deviations)).map(sentence);
    },
  };
}

/** Errors are described for few operations; where they are, they have this shape. */
function isErrorBody(body: unknown): boolean {
  const { error_code: code, errors } = (body ?? {}) as Record<string, unknown>;
  return typeof code === 'string' && Array.isArray(errors) && errors.every((error) => typeof error === 'string');
}

const variables = (template: string) => template.split('{').length;

/** Of a JSON pointer's step. */
const escape = (step: string) => step.replaceAll('~', '~0').replaceAll('/', '~1');

/** Let every described value be null as well: Connect sends null for what is not known yet. */
function allowNull(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as { type?: unknown; nullable?: boolean; enum?: unknown };
  if (typeof schema.type === 'string') {
    schema.nullable = true;
    if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum.push(null);
  } else if (schema.nullable === true) delete schema.nullable;
  for (const member of Object.values(node)) allowNull(member);
}

function isAllowed(error: ErrorObject, deviations: Deviation[]): boolean {
  const place =
    error.keyword === 'required'
      ? `${error.instancePath}/${String((error.params as { missingProperty: string }).missingProperty)}`
      : error.instancePath;
  return deviations.some(
    ({ at, keyword, values }) =>
      at.test(place) &&
      (keyword === '*' || keyword === error.keyword) &&
      (values === undefined || values.includes(error.data as string)),
  );
}

function sentence({ instancePath, message, data, params }: ErrorObject): string {
  return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}: ${JSON.stringify(data)?.slice(0, 120)}`;
}
