import { setTimeout } from 'node:timers/promises';
import registryClient from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { WeirError } from '../../errors.js';
import type { Log } from '../../telemetry/log.js';
import { jitteredWaitMs } from '../back-off.js';

// The only file that imports the registry's client.
const { SchemaRegistry: Client, SchemaType } = registryClient;
type Client = InstanceType<typeof Client>;
type Level = Exclude<Parameters<Client['register']>[1], undefined>['compatibility'];
type Middleware = Exclude<
  ConstructorParameters<typeof Client>[0]['middlewares'],
  undefined
>[number];

/** Where a schema registry that speaks Confluent's API is. */
export interface RegistryPlace {
  /** Without a user: it stands in messages. */
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
}

/** An Avro schema as parsed JSON, names in full, references resolved; or why there is none. */
export type FoundSchema =
  | { readonly ok: true; readonly schema: unknown }
  | { readonly ok: false; readonly reason: string };

/** A record schema as parsed JSON. */
export type RecordSchema = Readonly<Record<string, unknown>>;

export interface Registry {
  /** Asks for the schema of an id; waits, and says so, while the registry does not answer. */
  schemaOf(id: number): Promise<FoundSchema>;
  /**
   * Makes the schema known under the subject, unless it is, and gives its id.
   * @throws WeirError schema-incompatible; registry-failed after its retries
   */
  register(subject: string, schema: RecordSchema): Promise<number>;
  /** Why something waits for the registry; null while nothing does. */
  waitingFor(): string | null;
  /** Ends what still waits. */
  close(): void;
}

/** The registry's own code: a 404 alone can be of a wrong path. */
const unknownSchema = 40_403;
const answerMs = 10_000;
const pauseMsMax = 5_000;
const attempts = 6;

/** HTTP's status, 502 where what answered, if anything did, is no registry. */
interface Failure {
  readonly status: number;
  readonly message: string;
}

const withTimeout: Middleware = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: answerMs }),
});

/** How it failed; null where the client itself found a fault. */
function failureOf(error: unknown): Failure | null {
  if (!(error instanceof Error && 'status' in error && typeof error.status === 'number')) {
    return null;
  }
  const message = textOf(error);
  // A proxy's page or no answer at all, which the client calls 400, brings no message of its own.
  return { status: message.startsWith('Error, status ') ? 502 : error.status, message };
}

const textOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^weir - /, '') : String(error);

/** Opens nothing yet. */
export function createRegistry(place: RegistryPlace, log: Log): Registry {
  const { username, password } = place;
  const auth = username === null ? {} : { auth: { username, password: password ?? '' } };
  const host = place.url.replace(/\/$/, '');
  const stop = new AbortController();
  // One for each request: its cache has no bound, and readers keep what they compiled themselves.
  const connect = (): Client =>
    new Client(
      { host, clientId: 'weir', ...auth, retry: { retries: 0 }, middlewares: [withTimeout] },
      { [SchemaType.AVRO]: { logicalTypes: kept, wrapUnions: 'always' } },
    );
  const waits = new Map<symbol, string>();
  const call = <T>(what: string, request: (client: Client) => Promise<T>, tries: number) => {
    const own = Symbol(what);
    const onWait = (why: string): void => void waits.set(own, why);
    const attempts = { what, host, tries, log, signal: stop.signal, onWait };
    return repeat(request, connect, attempts).finally(() => waits.delete(own));
  };
  /** Whether it is the registry itself that has no such id: a wrong path gives a 404 too. */
  const lacks = async (id: number): Promise<boolean> => {
    const answer = await fetch(`${host}/schemas/ids/${id}`, {
      signal: AbortSignal.timeout(answerMs),
      ...(username === null ? {} : { headers: { authorization: basic(username, password) } }),
    });
    const said = (await answer.json()) as { readonly error_code?: unknown } | null; // any JSON
    return said?.error_code === unknownSchema;
  };
  return {
    schemaOf: (id) =>
      call(`schema ${id}`, (client) => schemaOf(client, id, lacks), Number.POSITIVE_INFINITY),
    register: (subject, schema) =>
      call(`subject ${subject}`, (client) => register(client, subject, schema), attempts),
    waitingFor: () => waits.values().next().value ?? null,
    close: () => stop.abort(),
  };
}

function basic(username: string, password: string | null): string {
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}

/** A logical type that keeps its name when the client writes its schema out. */
class KeptType extends avro.types.LogicalType {
  readonly #attributes: Readonly<Record<string, unknown>>;

  constructor(schema: avro.Schema, options?: unknown) {
    super(schema, options as never); // its own argument, handed on
    const { precision, scale } = schema as { precision?: number; scale?: number };
    this.#attributes = { precision, scale };
  }
  protected override _fromValue(value: unknown): unknown {
    return value;
  }
  protected override _toValue(value: unknown): unknown {
    return value;
  }
  protected override _export(schema: avro.Schema): void {
    Object.assign(schema, this.#attributes);
  }
}

const kept = Object.fromEntries(
  [
    'timestamp-millis',
    'timestamp-micros',
    'timestamp-nanos',
    'local-timestamp-millis',
    'local-timestamp-micros',
    'date',
    'decimal',
  ].map((name) => [name, KeptType]),
);

async function schemaOf(
  client: Client,
  id: number,
  lacks: (id: number) => Promise<boolean>,
): Promise<FoundSchema> {
  try {
    const found = await client.getSchema(id);
    if (!(found instanceof avro.Type)) {
      return { ok: false, reason: `schema ${id} of the registry is not of type AVRO` };
    }
    return { ok: true, schema: found.schema({ exportAttrs: true }) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) {
      return { ok: false, reason: `schema ${id} of the registry cannot be used: ${textOf(error)}` };
    }
    if (failure.status !== 404 || !(await lacks(id).catch(() => false))) throw error;
    return { ok: false, reason: `the registry has no schema ${id}` };
  }
}

async function register(client: Client, subject: string, schema: RecordSchema): Promise<number> {
  const given = { type: SchemaType.AVRO, schema: JSON.stringify(schema) } as const;
  try {
    // A registry that may only be read is enough where the schema is there.
    return await client.getRegistryIdBySchema(subject, given);
  } catch (error) {
    // The client turns a 404, and nothing else, into an error without a status.
    if (failureOf(error) !== null) throw error;
  }
  const attempt = (compatibility: Level): Promise<{ readonly id: number }> =>
    client.register(given, { subject, ...(compatibility && { compatibility }) });
  try {
    return (await attempt(undefined)).id;
  } catch (error) {
    // The client insists on BACKWARD; what the subject demands is its owner's to say.
    const demanded = /\(\w+ != (\w+)\)/.exec(textOf(error))?.[1];
    if (demanded === undefined) throw await incompatible(client, subject, schema, error);
    try {
      return (await attempt(demanded as Level)).id; // the registry's own word
    } catch (again) {
      throw await incompatible(client, subject, schema, again);
    }
  }
}

/** What to throw for a refused schema; any other error stays what it is. */
async function incompatible(
  client: Client,
  subject: string,
  schema: RecordSchema,
  error: unknown,
): Promise<unknown> {
  const failure = failureOf(error);
  if (failure?.status !== 409) return error;
  const found = await differences(client, subject, schema);
  return new WeirError(
    'schema-incompatible',
    `subject ${subject}: expected a schema that goes with what is there; found: ${found} (the registry: ${failure.message.slice(0, 300)}); name another topic in kafka.outputs, write JSON, or change the compatibility of the subject`,
    { cause: error },
  );
}

/** Why a schema of ours is refused where another is already there, as Avro's own rules see it. */
async function differences(client: Client, subject: string, schema: RecordSchema): Promise<string> {
  const latest = await client.getSchema(await client.getLatestSchemaId(subject));
  if (!(latest instanceof avro.Type)) return 'what is there is no Avro schema';
  const former = avro.Type.forSchema(latest.schema({ exportAttrs: true }));
  const own = avro.Type.forSchema(schema as avro.Schema); // parsed JSON of schemas/
  const reading = (reader: avro.Type, writer: avro.Type, said: string): string[] => {
    try {
      reader.createResolver(writer);
      return [];
    } catch (error) {
      return [`${said}: ${textOf(error)}`];
    }
  };
  const found = [
    ...reading(own, former, 'what is there cannot be read with it'),
    ...reading(former, own, 'it cannot be read with what is there'),
  ];
  return found.join('; ') || 'each can be read with the other';
}

interface Attempts {
  readonly what: string;
  readonly host: string;
  readonly tries: number;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onWait: (why: string) => void;
}

/** Repeats while the registry gives no answer of its own, with growing pauses. */
async function repeat<T>(
  request: (client: Client) => Promise<T>,
  connect: () => Client,
  attempts: Attempts,
): Promise<T> {
  const { what, host, tries, log, signal, onWait } = attempts;
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(connect());
    } catch (error) {
      if (error instanceof WeirError) throw error;
      const failure = failureOf(error);
      if (failure === null || signal.aborted) throw failed(attempts, textOf(error), error);
      if (tries !== Number.POSITIVE_INFINITY && isAnswer(failure)) {
        throw failed(attempts, failure.message, error);
      }
      if (attempt >= tries) throw failed(attempts, failure.message, error);
      // Powers of two: a registry that is down for a night must not fill the log.
      if ((attempt & (attempt - 1)) === 0) {
        log.warn(`waiting for the schema registry at ${host}: ${failure.message}`, {
          what,
          attempt,
        });
      }
      onWait(`${host} does not answer for ${what}: ${failure.message}`);
      const pauseMs = jitteredWaitMs(attempt, 50, pauseMsMax);
      await setTimeout(pauseMs, undefined, { signal }).catch((cause) => {
        throw failed(attempts, 'closed while waiting', cause);
      });
    }
  }
}

/** Whether it is the registry that refuses: asking again gives the same. */
function isAnswer({ status }: Failure): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function failed({ what, host }: Attempts, found: string, cause: unknown): WeirError {
  return new WeirError(
    'registry-failed',
    `${what}: expected an answer of the schema registry at ${host}, found: ${found}; check registry.url, the login and that it runs`,
    { cause },
  );
}
