import type { Config } from '../config/config.js';
import { kafkaTopic } from '../config/kafka-topic.js';
import { releasedSchema } from '../sinks/kafka/schema-file.js';
import { subjectOf } from '../sinks/kafka/value-format.js';
import type { Pipeline } from '../streams/pipeline.js';
import { type Examination, messageOf, reach } from './doctor-part.js';

type RegistryConfig = NonNullable<Config['registry']>;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Reach, login, subjects of sources, and whether the outputs' schemas go with what is there. */
export async function examineRegistry(
  registry: RegistryConfig,
  kafka: Config['kafka'],
  pipeline: Pipeline | null,
  e: Examination,
): Promise<void> {
  const { hostname, port, protocol } = new URL(registry.url);
  const why = await reach(`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`, e.msMax / 2);
  if (why !== null) {
    e.fail(`${registry.url}: ${why}`, 'start the schema registry, or mend registry.url');
    return;
  }
  e.asks('for its subjects');
  const { status, body } = await ask(registry, '/subjects');
  if (status === 401 || status === 403) {
    e.fail(`it refuses the login (${status})`, 'mend registry.username and registry.password_file');
    return;
  }
  if (status !== 200 || !Array.isArray(body)) {
    e.fail(
      `expected a list of subjects of ${registry.url}, found an answer ${status}`,
      'mend registry.url: it ends before /subjects (Apicurio: /apis/ccompat/v7)',
    );
    return;
  }
  e.ok(`${registry.url}: ${body.length} subjects`);
  if (kafka === null) return;
  const subjects = new Set(body.map(String));
  for (const { topic } of pipeline?.topics ?? []) {
    const { name, format } = kafkaTopic(kafka, topic);
    if (format === 'avro' && !subjects.has(subjectOf(name))) {
      e.warn(
        `source topic ${name} is in Avro and has no subject ${subjectOf(name)}`,
        'fine where its producers name subjects otherwise; else it has no schema yet',
      );
    }
  }
  for (const [output, { name, format, enabled }] of Object.entries(kafka.outputs)) {
    if (format === 'avro' && enabled) await compatibility(registry, output, name, subjects, e);
  }
}

async function compatibility(
  registry: RegistryConfig,
  output: string,
  topic: string,
  subjects: ReadonlySet<string>,
  e: Examination,
): Promise<void> {
  const subject = subjectOf(topic);
  if (!subjects.has(subject)) {
    e.ok(`${subject} will be registered`);
    return;
  }
  e.asks(`whether the schema of ${output} is compatible`);
  const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`;
  const schema = JSON.stringify(releasedSchema(output));
  const { status, body } = await ask(registry, path, { schema });
  // The registry's answer, as its API has it.
  const fits = (body as { readonly is_compatible?: boolean } | null)?.is_compatible;
  if (fits === true) e.ok(`${subject} goes with the schema of ${output}`);
  else if (fits === false) {
    e.fail(
      `${subject} does not go with the schema of ${output}`,
      'give the output another topic in kafka.outputs, or move what is under the subject',
    );
  } else e.warn(`${subject} could not be compared (${status})`, 'Weir compares it at its start');
}

async function ask(
  { url, username, password }: RegistryConfig,
  path: string,
  body?: object,
): Promise<Answer> {
  const login = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  const answer = await fetch(url.replace(/\/$/, '') + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/vnd.schemaregistry.v1+json',
      ...(username === null ? {} : { authorization: `Basic ${login}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  }).catch((error: unknown) => {
    throw new Error(messageOf(error instanceof Error ? (error.cause ?? error) : error));
  });
  const text = await answer.text();
  try {
    return { status: answer.status, body: JSON.parse(text) };
  } catch {
    return { status: answer.status, body: null };
  }
}
