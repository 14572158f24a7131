import type { z } from 'zod';

/** What cannot be said of one setting alone; `related` names the other settings of a rule. */
export interface RuleParams {
  readonly related: readonly string[];
}

type Check<Section> = z.core.CheckFn<Section>;

/** Adds an issue on `key`; the message is a whole sentence with its remedy. */
function refuse(
  payload: z.core.ParsePayload<unknown>,
  key: string | readonly PropertyKey[],
  message: string,
  related: readonly string[],
): void {
  const params: RuleParams = { related };
  const path = typeof key === 'string' ? [key] : [...key];
  payload.issues.push({
    code: 'custom',
    path,
    message,
    params: { ...params },
    input: payload.value,
  });
}

export const checkIngest: Check<{ lateness: number; disorder: number }> = (payload) => {
  const { lateness, disorder } = payload.value;
  if (lateness >= disorder) return;
  refuse(
    payload,
    'lateness',
    'expected at least ingest.disorder: the watermark would wait for records that are refused as late; raise ingest.lateness or lower ingest.disorder',
    ['ingest.disorder'],
  );
};

interface ClickhouseSection {
  readonly mode: string;
  readonly url?: string | undefined;
  readonly password?: string | undefined;
  readonly password_file?: string | undefined;
  readonly cluster?: string | undefined;
  readonly replicated: boolean;
}

export const checkClickhouse: Check<ClickhouseSection> = (payload) => {
  const { mode, url, cluster, replicated } = payload.value;
  if (mode === 'server' && url === undefined) {
    refuse(
      payload,
      'mode',
      'expected clickhouse.url beside the mode server; add it, for example http://127.0.0.1:8123',
      [],
    );
  }
  const ofServers = [
    ...(url === undefined ? [] : ['url']),
    ...(cluster === undefined ? [] : ['cluster']),
    ...(replicated ? ['replicated'] : []),
  ];
  for (const key of mode === 'auto' || mode === 'embedded' ? ofServers : []) {
    refuse(
      payload,
      key,
      `expected no ${key} with the mode ${mode}, which uses no server; set clickhouse.mode to server, or remove the ${key}`,
      ['clickhouse.mode'],
    );
  }
  if (url !== undefined) checkUrl(payload, url, 'clickhouse', 'http://127.0.0.1:8123');
  checkPassword(payload, 'clickhouse');
};

interface Login {
  readonly password?: string | undefined;
  readonly password_file?: string | undefined;
}

function checkPassword(payload: z.core.ParsePayload<Login>, section: string): void {
  const { password, password_file: file } = payload.value;
  if (password === undefined || file === undefined) return;
  refuse(payload, 'password', 'expected a password or a password_file, found both; remove one', [
    `${section}.password_file`,
  ]);
}

function checkUrl(
  payload: z.core.ParsePayload<unknown>,
  url: string,
  section: string,
  example: string,
): void {
  if (!URL.canParse(url)) {
    const message = `expected an address that can be read; write for example ${example}`;
    refuse(payload, 'url', message, []);
    return;
  }
  const { username, password, search, hash } = new URL(url);
  if (username !== '' || password !== '') {
    refuse(
      payload,
      'url',
      `expected no user and password in the url, which is shown in messages; set ${section}.username and ${section}.password_file`,
      [],
    );
  } else if (search !== '' || hash !== '') {
    const other = section === 'clickhouse' ? '; the database has a setting of its own' : '';
    refuse(payload, 'url', `expected an address without ? and #${other || '; remove them'}`, []);
  }
}

export const checkEventsPerDay: Check<{ users: number; events_per_day: number | null }> = (
  payload,
) => {
  const { users, events_per_day: perDay } = payload.value;
  if (perDay === null || perDay <= 100 * users) return;
  refuse(
    payload,
    'events_per_day',
    `expected at most 100 per user (${100 * users}), found ${perDay}; lower it or raise generator.users`,
    ['generator.users'],
  );
};

export const checkDrifts: Check<{ drifts: string[] }> = (payload) => {
  const names = payload.value.drifts.map((drift) => drift.replace(/@.*/, ''));
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    const message = `expected each drift once, found ${name} again; keep one of the two`;
    refuse(payload, ['drifts', index], message, []);
  }
};

export const checkTls: Check<{
  cert_file?: string | undefined;
  key_file?: string | undefined;
}> = (payload) => {
  const { cert_file: cert, key_file: key } = payload.value;
  if ((cert === undefined) === (key === undefined)) return;
  const [given, lacking] =
    cert === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file'];
  refuse(payload, given, `expected ${lacking} beside it; add it, or remove this one`, []);
};

export const checkSasl: Check<Login> = (payload) => {
  checkPassword(payload, 'kafka.sasl');
  const { password, password_file: file } = payload.value;
  if (password !== undefined || file !== undefined) return;
  const message = 'expected a password, found none; set kafka.sasl.password_file';
  refuse(payload, 'password', message, ['kafka.sasl.username']);
};

interface RegistrySection extends Login {
  readonly url: string;
  readonly username?: string | undefined;
}

export const checkRegistry: Check<RegistrySection> = (payload) => {
  checkUrl(payload, payload.value.url, 'registry', 'http://127.0.0.1:8081');
  checkPassword(payload, 'registry');
  const { username, password, password_file: file } = payload.value;
  if (username === undefined && password !== undefined) {
    refuse(payload, 'password', 'expected registry.username beside it; add it', []);
  } else if (username !== undefined && password === undefined && file === undefined) {
    const message = 'expected a password beside it; set registry.password_file';
    refuse(payload, 'username', message, []);
  }
};

interface WebhookSection {
  readonly url: string;
  readonly secret?: string | undefined;
  readonly secret_file?: string | undefined;
}

export const checkWebhook: Check<WebhookSection> = (payload) => {
  const { url, secret, secret_file: file } = payload.value;
  if (!URL.canParse(url) || new URL(url).username !== '' || new URL(url).password !== '') {
    const message =
      'expected an address that can be read, without user and password; requests are signed with webhook.secret_file';
    refuse(payload, 'url', message, []);
  }
  if (secret === undefined || file === undefined) return;
  refuse(payload, 'secret', 'expected a secret or a secret_file, found both; remove one', [
    'webhook.secret_file',
  ]);
};

interface RedisSection extends Login {
  readonly nodes: readonly string[];
  readonly cluster: boolean;
  readonly database: number;
  readonly username?: string | undefined;
}

export const checkRedis: Check<RedisSection> = (payload) => {
  checkPassword(payload, 'redis');
  const { nodes, cluster, database, username, password, password_file: file } = payload.value;
  if (cluster && database !== 0) {
    refuse(
      payload,
      'database',
      `expected 0, the only one of a cluster, found ${database}; remove it, or set redis.cluster to false`,
      ['redis.cluster'],
    );
  }
  if (!cluster && nodes.length > 1) {
    refuse(
      payload,
      'nodes',
      `expected one node, found ${nodes.length}; set redis.cluster to true, or keep one`,
      ['redis.cluster'],
    );
  }
  if (username !== undefined && password === undefined && file === undefined) {
    refuse(payload, 'username', 'expected a password beside it; set redis.password_file', []);
  }
};

type Topics = Readonly<Record<string, { readonly name: string; readonly format: string }>>;

interface KafkaSection {
  readonly topics: Topics;
  readonly outputs: Topics;
}

/** Two topics under one name would read each other's records, or Weir its own. */
export const checkKafka: Check<KafkaSection> = (payload) => {
  const first = new Map<string, string>();
  for (const section of ['topics', 'outputs'] as const) {
    for (const [topic, { name }] of Object.entries(payload.value[section])) {
      const other = first.get(name);
      if (other === undefined) {
        first.set(name, `kafka.${section}.${topic}`);
        continue;
      }
      refuse(
        payload,
        [section, topic, 'name'],
        `expected a topic of its own, found ${name}, which is that of ${other}; choose another name`,
        [`${other}.name`],
      );
    }
  }
};

interface Whole {
  readonly role: string;
  readonly workers: number;
  readonly kafka: KafkaSection | null;
  readonly registry: object | null;
  readonly server: { readonly enabled: boolean; readonly port: number };
  readonly generator: { readonly enabled: boolean };
  readonly monitors: { readonly capturePeriods: number | null };
}

/** Rules between sections: these are read already, so names are those of the output. */
export const checkTogether: Check<Whole> = (payload) => {
  if (payload.issues.length > 0) return; // of values that are wrong themselves
  const { role, workers, kafka, generator, monitors } = payload.value;
  if (kafka !== null) {
    checkFormats(payload, kafka);
    if (generator.enabled) {
      refuse(
        payload,
        ['generator', 'enabled'],
        'expected no generator where the sources are in Kafka; remove it, or write what weir generate makes to the topics',
        ['kafka.brokers'],
      );
    }
    if (monitors.capturePeriods !== null) {
      refuse(
        payload,
        ['monitors', 'capture_periods'],
        'expected none with Kafka, where a reference must be there first; remove it, and make one with weir reference capture',
        ['kafka.brokers'],
      );
    }
    checkPorts(payload);
    return;
  }
  const remedy = 'add kafka.brokers, or leave it out';
  if (role !== 'all')
    refuse(payload, 'role', `expected Kafka beside the role ${role}; ${remedy}`, []);
  if (workers > 1)
    refuse(payload, 'workers', `expected Kafka beside ${workers} workers; ${remedy}`, []);
};

/** Worker I listens on the port of the settings plus I. */
function checkPorts(payload: z.core.ParsePayload<Whole>): void {
  const { workers, server } = payload.value;
  if (!server.enabled || server.port === 0 || server.port + workers - 1 <= 65_535) return;
  refuse(
    payload,
    ['server', 'port'],
    `expected at most ${65_536 - workers}, since ${workers} workers take as many ports; lower it`,
    ['workers'],
  );
}

function checkFormats(payload: z.core.ParsePayload<Whole>, kafka: KafkaSection): void {
  if (payload.value.registry !== null) return;
  for (const section of ['topics', 'outputs'] as const) {
    for (const [topic, { format }] of Object.entries(kafka[section])) {
      if (format !== 'avro') continue;
      refuse(
        payload,
        ['kafka', section, topic, 'format'],
        'expected registry.url beside the format avro; add it, or write json',
        [],
      );
    }
  }
}
