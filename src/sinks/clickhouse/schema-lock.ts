import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clickhouse, clickhouseCode } from './client.js';

export interface LockSettings {
  /** A holder that was silent for so long is taken for dead, s. */
  readonly staleSeconds: number;
  readonly renewMs: number;
  readonly pollMs: number;
}

const usual: LockSettings = { staleSeconds: 15, renewMs: 3_000, pollMs: 100 };
const free = 'free';
const alreadyExists = 57;

interface Lock {
  readonly name: string;
  readonly holder: string;
  /** Since it was taken or renewed, by the server's clock. */
  readonly age: number;
}

/**
 * Runs `work` while no other process does on the same server. ClickHouse has no locks, but creating
 * a table is atomic: who creates `schema_lock_N+1` holds the lock, which it renews in the comment;
 * N only grows, so two that find a dead holder cannot both follow it. A holder that was paused past
 * its time does no harm: all that is run under the lock bears being run twice, at once too.
 */
export async function underSchemaLock<T>(
  clickhouse: Clickhouse,
  work: () => Promise<T>,
  settings: LockSettings = usual,
): Promise<T> {
  const name = await take(clickhouse, settings);
  const say = (comment: string): Promise<void> =>
    clickhouse.command(`ALTER TABLE \`${name}\` MODIFY COMMENT '${comment}'`);
  // A renewal that fails is made up for by the next; the lock may be lost, see above.
  const renewing = setInterval(() => void say(self).catch(() => undefined), settings.renewMs);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await say(free).catch(() => undefined); // others take it over when it is stale
  }
}

const self = `held by process ${process.pid} of ${hostname().replaceAll(/[^\w.-]/g, '_')}`;

async function take(clickhouse: Clickhouse, settings: LockSettings): Promise<string> {
  for (;;) {
    const locks = await locksOf(clickhouse);
    const last = locks[0];
    if (last !== undefined && last.holder !== free && last.age <= settings.staleSeconds) {
      await delay(settings.pollMs * (0.5 + Math.random()));
      continue;
    }
    const name = `schema_lock_${last === undefined ? 1 : numberOf(last) + 1}`;
    if (!(await create(clickhouse, name))) continue;
    const all = await locksOf(clickhouse);
    // One that was slow may have created a number which others have passed and removed.
    const superseded = all[0]!.name !== name; // its own is there
    const useless = superseded ? [name] : all.slice(1).map((lock) => lock.name);
    for (const table of useless) await clickhouse.command(`DROP TABLE IF EXISTS \`${table}\``);
    if (!superseded) return name;
  }
}

async function create(clickhouse: Clickhouse, name: string): Promise<boolean> {
  try {
    await clickhouse.command(`CREATE TABLE \`${name}\` (x UInt8) ENGINE = Null COMMENT '${self}'`);
    return true;
  } catch (error) {
    if (clickhouseCode(error) === alreadyExists) return false;
    throw error;
  }
}

/** The highest number first. */
async function locksOf(clickhouse: Clickhouse): Promise<Lock[]> {
  const locks = await clickhouse.rows<Lock>(
    `SELECT name, comment AS holder, dateDiff('second', metadata_modification_time, now()) AS age
     FROM system.tables WHERE database = {database:String} AND match(name, '^schema_lock_[0-9]+$')`,
    { database: clickhouse.database },
  );
  return locks.sort((a, b) => numberOf(b) - numberOf(a));
}

function numberOf({ name }: Lock): number {
  return Number(name.slice('schema_lock_'.length));
}
