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
}

export const checkClickhouse: Check<ClickhouseSection> = (payload) => {
  const { mode, url, password, password_file: passwordFile } = payload.value;
  if (mode === 'server' && url === undefined) {
    refuse(
      payload,
      'mode',
      'expected clickhouse.url beside the mode server; add it, for example http://127.0.0.1:8123',
      [],
    );
  }
  if (url !== undefined) checkUrl(payload, mode, url);
  if (password !== undefined && passwordFile !== undefined) {
    refuse(payload, 'password', 'expected a password or a password_file, found both; remove one', [
      'clickhouse.password_file',
    ]);
  }
};

function checkUrl(payload: z.core.ParsePayload<unknown>, mode: string, url: string): void {
  if (mode === 'auto' || mode === 'embedded') {
    refuse(
      payload,
      'url',
      `expected no url with the mode ${mode}, which uses no server; set clickhouse.mode to server, or remove the url`,
      ['clickhouse.mode'],
    );
  }
  if (!URL.canParse(url)) {
    refuse(
      payload,
      'url',
      'expected an address that can be read; write for example http://127.0.0.1:8123',
      [],
    );
    return;
  }
  const { username, password, search, hash } = new URL(url);
  if (username !== '' || password !== '') {
    refuse(
      payload,
      'url',
      'expected no user and password in the url, which is shown in messages; set clickhouse.username and clickhouse.password_file',
      [],
    );
  } else if (search !== '' || hash !== '') {
    refuse(
      payload,
      'url',
      'expected an address without ? and #; the database has a setting of its own',
      [],
    );
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
