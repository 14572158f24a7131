import type { Config } from '../config/config.js';
import { WeirError } from '../errors.js';
import { viewOf } from '../server/running-engine.js';
import { watchRunning } from '../server/running-metrics.js';
import { createServer } from '../server/server.js';
import { sinkMeters } from '../server/sink-metrics.js';
import { Engine } from '../streams/live/engine.js';
import { prepareRebuild } from '../streams/live/rebuild.js';
import { loadModels } from '../streams/load-models.js';
import { openDataDirectory } from '../streams/storage/data-directory.js';
import type { Log } from '../telemetry/log.js';
import { createMetrics } from '../telemetry/metrics.js';
import { watchProcess } from '../telemetry/process-metrics.js';
import { Closing } from './closing.js';
import { loadPipeline } from './load-pipeline.js';
import { openRedis } from './open-redis.js';
import { openWebhook } from './open-webhook.js';
import { type StartedClickhouse, startClickhouse } from './start-clickhouse.js';
import { type WorldFeed, worldFeed } from './world-feed.js';

/** What a signal asks for is given up after so long: the logs have the rest, ms. */
const drainMsMax = 15_000;

/** Runs the engine with its server and sinks until SIGINT or SIGTERM; then drains and snapshots. */
export async function serve(settings: Config, reset: boolean, log: Log): Promise<void> {
  const pipeline = await loadPipeline(settings.pipeline);
  const models = await loadModels(pipeline);
  const closing = new Closing();
  await closing.after(async () => {
    const directory = closing.add(openDataDirectory(settings.data));
    const world = worldOf(settings, directory.path);
    if (reset) prepareRebuild(directory.path);
    const engine = closing.add(
      new Engine({
        pipeline,
        models,
        directory: directory.path,
        partitions: settings.partitions,
        ingest: settings.ingest,
        snapshotEveryMs: settings.snapshots.everyMs,
        logsKeepMs: settings.logs.keepMs,
        logsKeepBytes: settings.logs.keepBytes,
        capturePeriods: settings.monitors.capturePeriods,
        database: settings.clickhouse.database,
        feed: world?.feed ?? (() => []),
        log,
      }),
    );
    let clickhouse: StartedClickhouse | null = null;
    const parts = () => (clickhouse === null ? [] : [clickhouse.part()]);
    const metrics = createMetrics();
    const meters = sinkMeters(metrics);
    if (settings.server.enabled) {
      closing.add({ close: watchProcess(metrics) });
      watchRunning(engine, metrics);
      const info = { history: world?.history ?? null, planted: world?.planted ?? [], parts };
      const view = viewOf(engine, info);
      const server = await createServer({ ...settings.server, engine: view, metrics, log });
      closing.add(server);
      log.info(`open ${server.url} to watch; Ctrl-C drains and stops`);
    }
    clickhouse = startClickhouse(
      settings.clickhouse,
      directory.path,
      pipeline,
      log,
      meters.clickhouse,
    );
    if (clickhouse !== null) closing.add(clickhouse);
    openWebhook(settings, engine, metrics, closing, log);
    engine.sink = clickhouse?.sink ?? null;
    engine.online = openRedis(settings, pipeline, closing, log, {
      onWritten: meters.readable,
      onAnswered: meters.redis,
    });
    await runUntilSignal(engine, clickhouse, log);
  });
}

function worldOf({ generator }: Config, directory: string): WorldFeed | null {
  const { enabled, days, ...options } = generator;
  return enabled ? worldFeed(directory, days, options) : null;
}

async function runUntilSignal(
  engine: Engine,
  clickhouse: StartedClickhouse | null,
  log: Log,
): Promise<void> {
  let signals = 0;
  let late: NodeJS.Timeout | undefined;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const stop = (signal: NodeJS.Signals): void => {
    if (signals++ > 0) process.exit(signal === 'SIGINT' ? 130 : 143);
    log.info('stopping: what was taken is finished and kept; again to stop at once', { signal });
    engine.stop();
    late = setTimeout(() => fail(notDrained(clickhouse)), drainMsMax);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    clickhouse?.ready.catch(fail);
    const ran = engine.recover().then(() => engine.run());
    await Promise.race([ran, failed]);
    log.info('stopped; the same command goes on from here');
  } finally {
    clearTimeout(late);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function notDrained(clickhouse: StartedClickhouse | null): WeirError {
  const part = clickhouse?.part();
  const why =
    part === undefined
      ? 'the batch under way to end'
      : `ClickHouse to take its rows${part.ready ? '' : ` (${part.why})`}`;
  return new WeirError(
    'clickhouse-failed',
    `stopped without a snapshot after ${drainMsMax / 1_000} s of waiting for ${why}; nothing is lost: what was taken is in the log, and the next start takes it from there`,
  );
}
