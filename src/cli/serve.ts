import type { Config } from '../config/config.js';
import { viewOf } from '../server/running-engine.js';
import { watchRunning } from '../server/running-metrics.js';
import { createServer, type Server } from '../server/server.js';
import { Engine } from '../streams/live/engine.js';
import { prepareRebuild } from '../streams/live/rebuild.js';
import { loadModels } from '../streams/load-models.js';
import { openDataDirectory } from '../streams/storage/data-directory.js';
import type { Log } from '../telemetry/log.js';
import { createMetrics } from '../telemetry/metrics.js';
import { watchProcess } from '../telemetry/process-metrics.js';
import { loadPipeline } from './load-pipeline.js';
import { type StartedClickhouse, startClickhouse } from './start-clickhouse.js';
import { type WorldFeed, worldFeed } from './world-feed.js';

/** Runs the engine with its server and sinks until SIGINT or SIGTERM; then drains and snapshots. */
export async function serve(settings: Config, reset: boolean, log: Log): Promise<void> {
  const pipeline = await loadPipeline(settings.pipeline);
  const models = await loadModels(pipeline);
  const directory = openDataDirectory(settings.data);
  let clickhouse: StartedClickhouse | null = null;
  let server: Server | null = null;
  try {
    if (reset) prepareRebuild(directory.path);
    const world = worldOf(settings, directory.path);
    const engine = new Engine({
      pipeline,
      models,
      directory: directory.path,
      partitions: settings.partitions,
      ingest: settings.ingest,
      snapshotEveryMs: settings.snapshots.everyMs,
      logsKeepMs: settings.logs.keepMs,
      logsKeepBytes: settings.logs.keepBytes,
      capturePeriods: settings.monitors.capturePeriods,
      feed: world?.feed ?? (() => []),
      log,
    });
    clickhouse = startClickhouse(settings.clickhouse, directory.path, pipeline, log);
    engine.sink = clickhouse?.sink ?? null;
    const started = clickhouse;
    if (settings.server.enabled) {
      const metrics = createMetrics();
      watchProcess(metrics);
      watchRunning(engine, started?.sink ?? null, metrics);
      const parts = () => (started === null ? [] : [started.part()]);
      const info = { history: world?.history ?? null, planted: world?.planted ?? [], parts };
      server = await createServer({
        ...settings.server,
        engine: viewOf(engine, info),
        metrics,
        log,
      });
      log.info(`open ${server.url} to watch; Ctrl-C drains and stops`);
    }
    await runUntilSignal(engine, started, log);
  } finally {
    await server?.close();
    await clickhouse?.close();
    directory.close();
  }
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
  const stop = (signal: NodeJS.Signals): void => {
    if (signals++ > 0) process.exit(signal === 'SIGINT' ? 130 : 143);
    log.info('stopping: what was taken is finished and kept; again to stop at once', { signal });
    engine.stop();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const failed = clickhouse?.ready.then(() => new Promise<never>(() => {}));
    const ran = engine.recover().then(() => engine.run());
    await (failed === undefined ? ran : Promise.race([ran, failed]));
    log.info('stopped; the same command goes on from here');
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    engine.close();
  }
}
