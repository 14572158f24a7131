import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { WeirError } from '../errors.js';
import type { ViewShape } from '../features/shape.js';
import type { PartReadiness } from '../server/engine-view.js';
import type { OnInsert } from '../sinks/clickhouse/block-writer.js';
import { type Clickhouse, clickhouseCode, createClickhouse } from '../sinks/clickhouse/client.js';
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
  part(): PartReadiness;
  /** Rejects where it could not be started. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

const retryMs = 2_000;
/** An insert that goes unanswered for so long is told of: the server hangs, or is too slow. */
const unansweredMsMax = 5_000;
/** What is not acknowledged so long after the end stays in the log, ms. */
const flushMsMax = 1_000;

/**
 * Starts or reaches ClickHouse without waiting for it; null where it is off or not installed, which
 * is said in the log.
 * @param onInsert told of each block that was acknowledged
 * @throws WeirError clickhouse-missing where it must be embedded and is not installed
 */
export function startClickhouse(
  place: Config['clickhouse'],
  directory: string,
  pipeline: Pipeline,
  log: Log,
  onInsert: OnInsert = () => undefined,
): StartedClickhouse | null {
  if (place.mode === 'off') return null;
  const availability = embeddedAvailable();
  if (place.mode !== 'server' && !availability.available) {
    if (place.mode === 'embedded') throw new WeirError('clickhouse-missing', availability.reason);
    log.warn(`analytics are off: ${availability.reason}`);
    return null;
  }
  return new Starting(place, directory, pipeline, log, onInsert);
}

class Starting implements StartedClickhouse {
  readonly sink: ClickhouseSink;
  readonly ready: Promise<void>;
  readonly #place: Config['clickhouse'];
  readonly #log: Log;
  readonly #closing = new AbortController();
  readonly #watch: NodeJS.Timeout;
  #child: EmbeddedClickhouse | null = null;
  #client: Clickhouse | null = null;
  /** Why it cannot be used; empty where it can. */
  #why = 'it is starting';
  #told = true;

  constructor(
    place: Config['clickhouse'],
    directory: string,
    pipeline: Pipeline,
    log: Log,
    onInsert: OnInsert,
  ) {
    this.#place = place;
    this.#log = log;
    const views = pipeline.views.map((view) => view.shape);
    const { topics } = pipeline;
    const opened = this.#open(join(directory, 'clickhouse'), views, topics);
    this.ready = opened.then(() => undefined);
    this.ready.catch(() => undefined); // whoever waits for `ready` hears of it
    const clickhouse = deferred({ url: place.url ?? '', database: place.database }, opened);
    const { batchRows: rowsMax, batchBytes: bytesMax, batchAgeMs: ageMsMax } = place;
    const limits = { rowsMax, bytesMax, ageMsMax };
    this.sink = createClickhouseSink(clickhouse, { ...limits, views, topics, onInsert });
    this.#watch = setInterval(() => this.#tell(), 1_000).unref();
  }

  part(): PartReadiness {
    const why = this.#why || this.#waitingFor();
    return { name: 'clickhouse', ready: why === '', why };
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#closing.abort();
    // All is flushed where the engine has drained; where it has not, its log has the rest.
    const flushed = this.sink.close(flushMsMax).catch(() => undefined);
    await Promise.race([flushed, delay(2 * flushMsMax, undefined, { ref: false })]);
    await this.#client?.close(); // ends the requests that are not answered
    await this.ready.catch(() => undefined);
    await this.#child?.close();
    await this.#client?.close();
  }

  async #open(
    directory: string,
    views: readonly ViewShape[],
    topics: Pipeline['topics'],
  ): Promise<Clickhouse> {
    const place = this.#place;
    const password = place.password ?? '';
    const embedded = place.mode !== 'server';
    if (embedded) this.#child = await this.#startChild(directory, place.username, password);
    const url = this.#child?.url ?? place.url!; // the configuration refuses a server without a url
    const client = createClickhouse({ ...place, password, url, gzip: !embedded });
    this.#client = client;
    await this.#prepare(client, views, topics);
    this.#why = '';
    this.#log.info('ClickHouse is ready', { url, database: place.database });
    return client;
  }

  #startChild(directory: string, username: string, password: string): Promise<EmbeddedClickhouse> {
    return startEmbedded({
      directory,
      username,
      password,
      // Text of two and more bytes a character makes a block larger than it was counted.
      bodyBytesMax: 4 * Math.max(this.#place.batchBytes, 16 * 1024 * 1024),
      onRestart: (reason) =>
        this.#log.warn('ClickHouse ended by itself and is started again', { reason }),
      onGivenUp: (error) => {
        this.#why = error.message;
        this.#log.error('ClickHouse was given up', { error });
      },
    });
  }

  /** A server that goes away while tables are made is waited for again. */
  async #prepare(
    client: Clickhouse,
    views: readonly ViewShape[],
    topics: Pipeline['topics'],
  ): Promise<void> {
    const { cluster, replicated } = this.#place;
    for (;;) {
      await this.#reach(client);
      this.#why = 'its tables are made';
      try {
        return await prepareTables(client, views, topics, { cluster, replicated });
      } catch (error) {
        const away = error instanceof WeirError && error.retry && clickhouseCode(error) === null;
        if (!away) throw error;
        this.#log.warn('ClickHouse went away while its tables were made; trying again', { error });
        await delay(retryMs, undefined, { signal: this.#closing.signal });
      }
    }
  }

  /** A server that is not there yet is waited for. */
  async #reach(client: Clickhouse): Promise<void> {
    const { signal } = this.#closing;
    const { url } = client;
    for (let attempt = 0; !(await client.ping()); attempt++) {
      this.#why = `${url} does not answer`;
      if (attempt === 0) this.#log.warn('ClickHouse does not answer; waiting for it', { url });
      await delay(retryMs, undefined, { signal });
    }
  }

  #waitingFor(): string {
    if (this.#child?.pid() === null) return 'it ended by itself and is started again';
    const writers = this.sink.state();
    const stuck = writers.find((writer) => writer.waitingFor !== null);
    if (stuck !== undefined) return `${stuck.table}: ${stuck.waitingFor}`;
    const hung = writers.find((writer) => writer.unansweredMs > unansweredMsMax);
    if (hung === undefined) return '';
    const seconds = Math.floor(hung.unansweredMs / 1_000);
    return `${hung.table}: ${this.#client?.url} has not answered an insert for ${seconds} s`;
  }

  /** Says once when rows have to wait, and once when they no longer do. */
  #tell(): void {
    if (this.#why !== '') return;
    const why = this.#waitingFor();
    if ((why === '') === this.#told) return;
    this.#told = why === '';
    if (this.#told) this.#log.info('ClickHouse takes rows again');
    else this.#log.warn('ClickHouse does not take rows; they wait', { why });
  }
}
