import { Command, Option } from 'commander';
import type { Config } from '../config/config.js';
import { loadConfig, type Override } from '../config/load-config.js';
import { processEnvironment } from '../config/process-environment.js';
import { WeirError } from '../errors.js';
import { armFailPoint } from '../telemetry/fail-point.js';
import { createLog } from '../telemetry/log.js';
import { serve } from './serve.js';
import { serveCluster } from './serve-cluster.js';
import { endWithParent, runWorkers, workerPort } from './workers.js';

interface Options {
  readonly config?: string;
  readonly pipeline?: string;
  readonly data?: string;
  readonly port?: string;
  readonly reset?: boolean;
  readonly role?: string;
  readonly workers?: string;
  readonly worker?: string;
}

const settingsHelp = `
Settings come from weir.config.yaml (or --config), WEIR_* variables and these options, the last wins;
docs/configuration.md lists them. Ctrl-C finishes what was taken, keeps the state and stops; the same
command goes on from there.`;

/** `weir run`: the engine on its configured sources. */
export function runCommand(): Command {
  return withOptions(new Command('run'))
    .description('run the engine: graph, HTTP API, live page')
    .option('--role <name>', 'with Kafka: all, ingest, features, monitors or serve')
    .option('--workers <n>', 'with Kafka: processes to start, which share the work')
    .addOption(new Option('--worker <i>').hideHelp())
    .addHelpText('after', settingsHelp)
    .action((options: Options) => run(options, []));
}

/** `weir start`: the same on the generator, with a drift to see. */
export function startCommand(): Command {
  const demonstration: readonly Override[] = [
    { flag: 'weir start', path: 'generator.enabled', value: true },
  ];
  return withOptions(new Command('start'))
    .description('run the engine on generated data: 60 days of history, then real time')
    .addHelpText('after', settingsHelp)
    .action((options: Options) => run(options, demonstration));
}

function withOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration (default: weir.config.yaml if it is there)')
    .option('--pipeline <name>', 'a built-in pipeline, or a .ts or .js module that exports one')
    .option('--data <dir>', 'directory of logs, snapshots and the embedded ClickHouse')
    .option('--port <n>', 'port of the HTTP server on this machine')
    .option('--reset', 'rebuild the state from the retained log, with the definition as it is now');
}

async function run(options: Options, overrides: readonly Override[]): Promise<void> {
  const config = loadConfig({
    file: options.config,
    env: processEnvironment,
    overrides: [
      ...overrides,
      { flag: '--pipeline', path: 'pipeline', value: options.pipeline },
      { flag: '--data', path: 'data', value: options.data },
      { flag: '--port', path: 'server.port', value: options.port },
      { flag: '--role', path: 'role', value: options.role },
      { flag: '--workers', path: 'workers', value: options.workers },
    ],
  });
  const log = createLog({ level: config.log.level, format: formatOf(config) });
  // Set by tests of recovery, by nothing else.
  const { WEIR_TEST_FAIL_POINT: failPoint } = processEnvironment;
  if (failPoint !== undefined) armFailPoint(failPoint);
  if (config.kafka !== null && options.reset === true) {
    throw new WeirError(
      'wrong-use',
      'expected no --reset over Kafka, whose logs other processes may be reading; set another kafka.prefix: the state is built anew from the sources beside the old one',
    );
  }
  const worker = options.worker === undefined ? null : Number(options.worker);
  if (config.workers > 1 && worker === null) {
    process.exitCode = await runWorkers(config.workers, process.argv.slice(1), { log });
    return;
  }
  if (config.kafka !== null) return serveCluster(asWorker(config, worker), log);
  const demonstrated = overrides.length > 0 ? withDrift(config) : config;
  await serve(demonstrated, options.reset ?? false, log);
}

/** A worker ends with who started it, and serves at a port of its own. */
function asWorker(config: Config, worker: number | null): Config {
  if (worker === null) return config;
  endWithParent();
  const { server } = config;
  return { ...config, server: { ...server, port: workerPort(server.port, worker) } };
}

/**
 * A demonstration without a drift of the user's own shows one three quarters through its history.
 */
function withDrift(config: Config): Config {
  const { generator } = config;
  if (generator.drifts.length > 0) return config;
  const day = Math.floor(generator.days * 0.75);
  return { ...config, generator: { ...generator, drifts: [{ name: 'prices', day }] } };
}

function formatOf({ log }: Config): 'text' | 'json' {
  if (log.format !== 'auto') return log.format;
  return process.stderr.isTTY ? 'text' : 'json';
}
