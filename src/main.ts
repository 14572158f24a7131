#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { WeirError } from './errors.js';

const program = new Command('weir')
  .description('windowed features, live scores and drift alarms from event topics')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(weir --help lists the commands)');
/** Loaded when asked for: no command waits for the packages of the others. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./cli/run.js')).startCommand(),
  run: async () => (await import('./cli/run.js')).runCommand(),
  replay: async () => (await import('./cli/replay.js')).replayCommand(),
  verify: async () => (await import('./cli/verify.js')).verifyCommand(),
  reference: async () => (await import('./cli/reference.js')).referenceCommand(),
  episodes: async () => (await import('./cli/episodes.js')).episodesCommand(),
  retraining: async () => (await import('./cli/retraining.js')).retrainingCommand(),
  monitor: async () => (await import('./cli/monitor.js')).monitorCommand(),
  compare: async () => (await import('./cli/compare.js')).compareCommand(),
  generate: async () => (await import('./cli/generate.js')).generateCommand(),
  'dead-letters': async () => (await import('./cli/dead-letters.js')).deadLettersCommand(),
  doctor: async () => (await import('./cli/doctor.js')).doctorCommand(),
  rehydrate: async () => (await import('./cli/rehydrate.js')).rehydrateCommand(),
};

const asked = process.argv[2] ?? '';
for (const name of Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands)) {
  const command = await commands[name]!();
  program.addCommand(command);
  for (const one of [command, ...command.commands]) {
    one.exitOverride().showHelpAfterError(`(weir ${command.name()} --help shows how it is used)`);
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // `weir … | head` has read enough
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says in one sentence what went wrong; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof WeirError) {
    console.error(`weir: ${error.message}`);
    return error.exitCode;
  }
  console.error('weir: a bug in Weir; please report what follows');
  console.error(error);
  return 1;
}
