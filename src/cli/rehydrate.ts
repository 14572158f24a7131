import { Command } from 'commander';
import { loadConfig } from '../config/load-config.js';
import { processEnvironment } from '../config/process-environment.js';
import { WeirError } from '../errors.js';
import { readEpoch } from '../streams/cluster/epoch.js';
import { featureKinds } from '../streams/cluster/feature-kinds.js';
import { FrameCache } from '../streams/cluster/frame-cache.js';
import { rehydrate } from '../streams/cluster/rehydrate.js';
import { createLog } from '../telemetry/log.js';
import { Closing } from './closing.js';
import { clusterBase } from './cluster-base.js';
import { openRedis } from './open-redis.js';
import { timeOption } from './options.js';

interface Options {
  readonly config?: string;
  readonly asOf?: string;
  readonly json?: boolean;
}

/** `weir rehydrate`: a lost online store is written again. */
export function rehydrateCommand(): Command {
  return new Command('rehydrate')
    .description("write every entity's latest vector to Redis again, from snapshots and logs")
    .option('--config <file>', 'configuration (default: weir.config.yaml if it is there)')
    .option('--as-of <time>', 'evaluate at TIME each vector whose own instant lies before it')
    .option('--json', 'one line of JSON at the end')
    .addHelpText(
      'after',
      `
For a Redis that lost its data. The engine may run meanwhile: every write carries its position, and
an older one never replaces a newer. With logs on disk the engine does the same at its next start.

--as-of is for comparing two stores: give a redis.prefix of its own, since the engine writes no
earlier instant over it.`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { asOf } = options;
  const atMs = asOf === undefined ? Number.NEGATIVE_INFINITY : timeOption('--as-of', asOf);
  const config = loadConfig({ file: options.config, env: processEnvironment, overrides: [] });
  const log = createLog({ level: config.log.level });
  const { kafka, pipeline, names } = await clusterBase(config, log);
  const { partitions, ingest } = config;
  const closing = new Closing();
  await closing.after(async () => {
    const sink = openRedis(config, pipeline, closing, log);
    if (sink === null) {
      throw new WeirError(
        'config-invalid',
        'expected a section redis in the configuration, found none; add redis.nodes, or set WEIR_REDIS_NODES',
      );
    }
    const epoch = await readEpoch(kafka, names.epoch);
    const kinds = featureKinds({
      pipeline,
      names,
      partitions,
      epoch,
      latenessMs: ingest.latenessMs,
      disorderMs: ingest.disorderMs,
      probes: [],
      cache: new FrameCache(),
      outputs: () => [],
    });
    const before = performance.now();
    const { stages } = pipeline;
    const vectors = await rehydrate({ kafka, names, stages, kinds, partitions, atMs, sink, log });
    const seconds = (performance.now() - before) / 1_000;
    const { written, repeated, refused } = sink.state();
    console.log(
      options.json === true
        ? JSON.stringify({ vectors, written, repeated, refused, seconds })
        : `${vectors} vectors in ${seconds.toFixed(1)} s: ${written} written, ${repeated} were there, ${refused} had a newer one`,
    );
  });
}
