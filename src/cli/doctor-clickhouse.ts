import type { Config } from '../config/config.js';
import { type Clickhouse, clickhouseCode, createClickhouse } from '../sinks/clickhouse/client.js';
import { embeddedAvailable } from '../sinks/clickhouse/embedded/embedded-available.js';
import { bytesText, type Examination, messageOf, reach, tellSkew } from './doctor-part.js';

type ClickhouseConfig = Config['clickhouse'];

/** Server: reach, login, version, rights, disks, cluster. Embedded: whether it can run here. */
export async function examineClickhouse(place: ClickhouseConfig, e: Examination): Promise<void> {
  if (place.mode === 'off') {
    e.ok('off');
    return;
  }
  if (place.mode !== 'server') {
    const found = embeddedAvailable();
    if (found.available) e.ok('embedded: chdb is installed');
    else if (place.mode === 'auto') e.warn(found.reason, 'as it says; or set clickhouse.mode: off');
    else e.fail(found.reason, 'as it says');
    return;
  }
  const url = place.url ?? ''; // the settings refuse a server without one
  const { hostname, port, protocol } = new URL(url);
  const why = await reach(`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`, e.msMax / 2);
  if (why !== null) {
    e.fail(`${url}: ${why}`, 'start ClickHouse, or mend clickhouse.url');
    return;
  }
  const { database, username, password } = place;
  const settings = { url, username, password: password ?? '', requestMsMax: e.msMax };
  // In the database `default`, since that of the settings may not be there yet.
  const server = createClickhouse({ ...settings, database: 'default' });
  e.opened(() => server.close());
  if (!(await version(server, e))) return;
  await rights(server, database, username, e);
  await disks(server, e);
  await clusters(server, place, e);
}

/** Insertion tokens and parameters are known since. */
const versionLeast = 23;
const codesOfLogin = [192, 193, 194, 516];

async function version(server: Clickhouse, e: Examination): Promise<boolean> {
  e.asks('for its version');
  try {
    const sentMs = Date.now();
    const [row] = await server.rows<{ v: string; now: number }>(
      'SELECT version() AS v, toUnixTimestamp(now()) AS now',
    );
    const found = row?.v ?? '';
    if (Number.parseInt(found, 10) < versionLeast) {
      e.fail(`ClickHouse ${found} at ${server.url}`, `use ClickHouse ${versionLeast} or newer`);
      return false;
    }
    e.ok(`ClickHouse ${found} at ${server.url}`);
    tellSkew(e, (row?.now ?? 0) * 1_000 + 500, sentMs);
    return true;
  } catch (error) {
    const code = clickhouseCode(error);
    const isLogin = code !== null && codesOfLogin.includes(code);
    const remedy = isLogin
      ? 'mend clickhouse.username and clickhouse.password_file'
      : 'check that clickhouse.url is the HTTP port of a ClickHouse';
    e.fail(messageOf(error), remedy);
    return false;
  }
}

async function rights(
  server: Clickhouse,
  database: string,
  username: string,
  e: Examination,
): Promise<void> {
  e.asks('for the rights of the user');
  const there = await server.rows('SELECT name FROM system.databases WHERE name = {name:String}', {
    name: database,
  });
  const grants = await server.rows<Record<string, string>>('SHOW GRANTS').catch(() => []);
  const text = grants.flatMap((row) => Object.values(row)).join('\n');
  const needed = ['SELECT', 'INSERT', 'CREATE TABLE', 'ALTER', ...(there.length ? [] : ['CREATE'])];
  const of = (right: string): RegExp =>
    new RegExp(`\\b(ALL|${right}\\b|${right.split(' ')[0]})\\b`);
  const missing = text === '' ? [] : needed.filter((right) => !of(right).test(text));
  const state = there.length > 0 ? 'is there' : 'will be created';
  if (missing.length === 0) e.ok(`database ${database} ${state}`);
  else {
    e.fail(
      `user ${username} lacks ${missing.join(', ')}`,
      `GRANT ${needed.join(', ')} ON ${database}.* TO ${username}`,
    );
  }
}

async function disks(server: Clickhouse, e: Examination): Promise<void> {
  e.asks('for its disks');
  const found = await server
    .rows<{ name: string; free: number; total: number }>(
      'SELECT name, free_space AS free, total_space AS total FROM system.disks',
    )
    .catch(() => []);
  for (const { name, free, total } of found) {
    const told = `disk ${name}: ${bytesText(free)} free of ${bytesText(total)}`;
    if (free < 1e9 || free < 0.05 * total)
      e.warn(told, 'free space on it: inserts are refused when it is full');
    else e.ok(told);
  }
}

async function clusters(
  server: Clickhouse,
  { cluster, replicated }: ClickhouseConfig,
  e: Examination,
): Promise<void> {
  const macros = await server
    .rows<{ macro: string; substitution: string }>('SELECT macro, substitution FROM system.macros')
    .catch(() => []);
  const meant = cluster?.replace(/^\{(.*)\}$/, (_, name: string) => {
    return macros.find(({ macro }) => macro === name)?.substitution ?? '';
  });
  if (meant !== undefined) {
    e.asks('for the nodes of its cluster');
    const [row] = await server.rows<{ n: number }>(
      'SELECT count() AS n FROM system.clusters WHERE cluster = {name:String}',
      { name: meant },
    );
    if ((row?.n ?? 0) > 0) e.ok(`cluster ${meant}: ${row?.n} nodes`);
    else
      e.fail(`no cluster ${cluster}`, 'mend clickhouse.cluster, or remote_servers of the server');
  }
  const lacking = ['shard', 'replica'].filter((name) => !macros.some((one) => one.macro === name));
  if (replicated && lacking.length > 0) {
    e.fail(
      `no macro ${lacking.join(', ')}, which replicated tables need`,
      'set macros in the settings of each server, or clickhouse.replicated: false',
    );
  }
}
