import { z } from 'zod';
import { hostAndPort, tls } from './connection-fields.js';
import {
  choice,
  duration,
  type Form,
  integer,
  optionalText,
  requiredList,
  requiredText,
  secret,
  text,
  webAddress,
} from './fields.js';
import { checkKafka, checkRegistry, checkSasl } from './rules.js';

/** The topics that Weir writes for others to read. */
export const outputNames = [
  'feature-updates',
  'scores',
  'drift-alerts',
  'retraining-events',
  'dead-letters',
] as const;
export type OutputName = (typeof outputNames)[number];

/** What Kafka takes as the name of a topic. */
const topicName: Form = {
  expected: "a topic's name: letters, digits, dot, _ and -, at most 249",
  pattern: /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/,
};
const name = z.string(topicName.expected).regex(topicName.pattern, topicName.expected).optional();
const format = choice(['json', 'avro'], 'json', 'How its records are written');

const topics = z
  .record(
    z.string(topicName.expected).regex(topicName.pattern, topicName.expected),
    z.strictObject({ name: name.describe('Its name in Kafka, where it has another'), format }),
    'a section of topics',
  )
  .default({})
  .meta({
    description: 'Topics that are called otherwise in Kafka, or written in Avro',
    examples: [{ interactions: { name: 'prod.interactions', format: 'avro' } }],
  })
  .transform((given) =>
    Object.fromEntries(
      Object.entries(given).map(([topic, one]) => [topic, { ...one, name: one.name ?? topic }]),
    ),
  );

const outputs = z
  .partialRecord(
    z.enum(outputNames, `one of ${outputNames.join(', ')}`),
    z.strictObject({
      name: name.describe('Its name in Kafka, where it is to have another'),
      format,
      enabled: z.boolean('true or false').default(true).describe('Whether it is written'),
    }),
    'a section of outputs',
  )
  .default({})
  .meta({
    description: 'Outputs that are called otherwise, written in Avro, or left out',
    examples: [{ scores: { name: 'prod.scores', format: 'avro', enabled: true } }],
  })
  .transform((given) => {
    const settled = (output: OutputName) => {
      const { format = 'json', enabled = true, name = output } = given[output] ?? {};
      return { name, format, enabled } as const;
    };
    return {
      'feature-updates': settled('feature-updates'),
      scores: settled('scores'),
      'drift-alerts': settled('drift-alerts'),
      'retraining-events': settled('retraining-events'),
      'dead-letters': settled('dead-letters'),
    };
  });

const sasl = z
  .strictObject({
    mechanism: choice(['plain', 'scram-sha-256', 'scram-sha-512'], 'plain', 'How to log in'),
    username: requiredText('weir', 'User'),
    password: secret('Password of the user'),
    password_file: optionalText('password.txt', 'File that holds the password, instead of it'),
  })
  .check(checkSasl)
  .transform(({ mechanism, username, password = '' }) => ({ mechanism, username, password }))
  .optional()
  .transform((section) => section ?? null);

/** Without it the engine is embedded: its logs are on disk. */
export const kafka = z
  .strictObject({
    brokers: requiredList(hostAndPort, '127.0.0.1:9092', 'Brokers to begin with, as host:port'),
    client_id: text('weir', 'What the brokers know this client by'),
    tls: tls('Whether connections are encrypted'),
    sasl: sasl.describe('How to log in, where the brokers ask for it'),
    session_timeout: duration(
      '10s',
      ['6s', '5m'],
      'A process that was silent for so long loses its tasks to others',
    ),
    prefix: text('weir.', 'What the names of internal topics and of groups begin with', {
      expected: 'letters, digits, dot, _ and -, at most 100',
      pattern: /^[A-Za-z0-9._-]{1,100}$/,
    }),
    replication: integer(1, [1, 32], 'Copies of each topic that Weir makes'),
    compression: choice(
      ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      'none',
      'How what Weir writes to Kafka is compressed',
    ),
    start: choice(['earliest', 'latest'], 'earliest', 'Where sources are read from the first time'),
    topics,
    outputs,
  })
  .check(checkKafka)
  .transform(({ client_id: clientId, session_timeout: sessionTimeoutMs, ...section }) => ({
    ...section,
    clientId,
    sessionTimeoutMs,
  }))
  .optional()
  .transform((section) => section ?? null);

/** Where the Avro schemas are. */
export const registry = z
  .strictObject({
    url: requiredText('http://127.0.0.1:8081', 'Address of the schema registry', webAddress, {
      format: 'uri',
    }),
    username: optionalText('weir', 'User, where the registry asks for one'),
    password: secret('Password of the user'),
    password_file: optionalText('password.txt', 'File that holds the password, instead of it'),
  })
  .check(checkRegistry)
  .transform(({ url, username, password }) => ({
    url,
    username: username ?? null,
    password: password ?? null,
  }))
  .optional()
  .transform((section) => section ?? null);
