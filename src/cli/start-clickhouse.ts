import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import type { PartReadiness } from '../server/engine-view.js';
import { type Clickhouse, createClickhouse } from '../sinks/clickhouse/client.js';
import { deferred } from '../sinks/clickhouse/deferred.js';
import { embeddedAvailable } from '../sinks/clickhouse/embedded/embedded-available.js';
import {
  type EmbeddedClickhouse,
  startEmbedded,
} from '../sinks/clickhouse/embedded/start-embedded.js';
import { prepareTables } from '../sinks/clickhouse/prepare-tables.js';
import { type ClickhouseSink, createClickhouseSink } from '../sinks/clickhouse/sink.js';
import type { Pipeline } from '../streams/pipeline.js';
import type { Log } from '../telemetry/log.js';

/** ClickHouse as the engine uses it: rows wait while it starts. */
export interface StartedClickhouse {
  readonly sink: ClickhouseSink;
  readonly part: () => PartReadiness;
  /** Rejects where it could not be started. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

const retryMs = 2_000;

/**
 * Starts or reaches ClickHouse without waiting for it; null where it is off or not installed, which
 * is said in the log.
 */
export function startClickhouse(
  place: Config['clickhouse'],
  directory: string,
  pipeline: Pipeline,
  log: Log,
): StartedClickhouse | null {
  if (place.mode === 'off') return null;
  const availability = embeddedAvailable();
  if (place.mode === 'auto' && !availability.available) {
    log.warn(`analytics are off: ${availability.reason}`);
    return null;
  }
  const embedded = place.mode !== 'server';
  let child: EmbeddedClickhouse | null = null;
  let state: PartReadiness = { name: 'clickhouse', ready: false, why: 'it is starting' };
  const shapes = pipeline.views.map((view) => view.shape);
  const open = async (): Promise<Clickhouse> => {
    if (embedded) {
      child = await startEmbedded({
        directory: join(directory, 'clickhouse'),
        username: place.username,
        password: place.password ?? '',
        onRestart: (reason) =>
          log.warn('ClickHouse ended by itself and was started again', { reason }),
        onGivenUp: (error) => {
          state = { name: 'clickhouse', ready: false, why: error.message };
          log.error('ClickHouse was given up', { error });
        },
      });
    }
    const url = child?.url ?? place.url!; // the configuration refuses a server without a url
    const clickhouse = createClickhouse({
      ...place,
      password: place.password ?? '',
      url,
      gzip: !embedded,
    });
    await reach(clickhouse, log);
    await prepareTables(clickhouse, shapes, pipeline.topics);
    state = { name: 'clickhouse', ready: true, why: '' };
    log.info('ClickHouse is ready', { url, database: place.database });
    return clickhouse;
  };
  const ready = open();
  ready.catch(() => undefined); // whoever waits for `ready` hears of it
  const clickhouse = deferred({ url: place.url ?? '', database: place.database }, ready);
  const limits = {
    rowsMax: place.batchRows,
    bytesMax: place.batchBytes,
    ageMsMax: place.batchAgeMs,
  };
  const sink = createClickhouseSink(clickhouse, {
    ...limits,
    views: shapes,
    topics: pipeline.topics,
  });
  return {
    sink,
    part: () => waiting(sink) ?? state,
    ready: ready.then(() => undefined),
    close: async () => {
      await sink.close();
      await clickhouse.close();
      await child?.close();
    },
  };
}

/** A server that is not there yet is waited for. */
async function reach(clickhouse: Clickhouse, log: Log): Promise<void> {
  for (let attempt = 0; !(await clickhouse.ping()); attempt++) {
    if (attempt === 0)
      log.warn('ClickHouse does not answer; waiting for it', { url: clickhouse.url });
    await delay(retryMs);
  }
}

function waiting(sink: ClickhouseSink): PartReadiness | null {
  const stuck = sink.state().find((writer) => writer.waitingFor !== null);
  return stuck === undefined
    ? null
    : { name: 'clickhouse', ready: false, why: `${stuck.table}: ${stuck.waitingFor}` };
}
