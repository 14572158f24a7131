import { Command } from 'commander';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { processEnvironment } from '../config/process-environment.js';
import type { Pipeline } from '../streams/pipeline.js';
import { examineClickhouse } from './doctor-clickhouse.js';
import { examineKafka } from './doctor-kafka.js';
import { examineDirectory, examineModels, examineNode } from './doctor-machine.js';
import { examine, type Finding } from './doctor-part.js';
import { examineRedis } from './doctor-redis.js';
import { examineRegistry } from './doctor-registry.js';
import { loadPipeline } from './load-pipeline.js';

interface Options {
  readonly config?: string;
  readonly pipeline?: string;
  readonly json?: boolean;
}

const help = `
Reads the settings as weir run does, asks every configured server, all at once, and waits for each at
most 5 s. It changes nothing. Exit code: 0 all is well (warnings included), 1 something is not.`;

/** `weir doctor`: what would keep `weir run` from working, and what to do. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the settings and every configured server, and say what to do')
    .option('--config <file>', 'configuration (default: weir.config.yaml if it is there)')
    .option('--pipeline <name>', 'a built-in pipeline, or a .ts or .js module that exports one')
    .option('--json', 'findings as JSON')
    .addHelpText('after', help)
    .action(doctor);
}

/** Examines this machine and every server of the settings. */
export async function examineAll(config: Config, msMax = 5_000): Promise<readonly Finding[]> {
  let pipeline: Pipeline | null = null;
  const loaded = await examine('pipeline', msMax, async (e) => {
    e.asks('to load');
    pipeline = await loadPipeline(config.pipeline);
    await examineModels(pipeline, config, e);
  });
  const { kafka, registry, redis, clickhouse, partitions } = config;
  const servers = await Promise.all([
    examine('node', msMax, (e) => examineNode(e)),
    examine('data', msMax, (e) => examineDirectory(config, e)),
    ...(kafka
      ? [examine('kafka', msMax, (e) => examineKafka(kafka, partitions, pipeline, e))]
      : []),
    ...(registry
      ? [examine('registry', msMax, (e) => examineRegistry(registry, kafka, pipeline, e))]
      : []),
    ...(redis ? [examine('redis', msMax, (e) => examineRedis(redis, e))] : []),
    examine('clickhouse', msMax, (e) => examineClickhouse(clickhouse, e)),
  ]);
  return [...loaded, ...servers.flat()];
}

async function doctor({ config: file, pipeline, json = false }: Options): Promise<void> {
  const overrides = [{ flag: '--pipeline', path: 'pipeline', value: pipeline }];
  const config = loadConfig({ file, env: processEnvironment, overrides });
  const findings = await examineAll(config);
  const ok = findings.every(({ level }) => level !== 'fail');
  const text = json
    ? `${JSON.stringify({ ok, findings }, null, 2)}\n`
    : findings.map(lineOf).join('');
  // A client that still tries a server in vain is no reason to stay.
  process.stdout.write(text, () => process.exit(ok ? 0 : 1));
}

function lineOf({ level, part, found, remedy }: Finding): string {
  const line = `${level.padEnd(5)} ${part.padEnd(11)} ${found}\n`;
  return remedy === '' ? line : `${line}${' '.repeat(18)}${remedy}\n`;
}
