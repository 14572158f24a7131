#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { compareCommand } from './cli/compare.js';
import { deadLettersCommand } from './cli/dead-letters.js';
import { doctorCommand } from './cli/doctor.js';
import { episodesCommand } from './cli/episodes.js';
import { generateCommand } from './cli/generate.js';
import { monitorCommand } from './cli/monitor.js';
import { referenceCommand } from './cli/reference.js';
import { rehydrateCommand } from './cli/rehydrate.js';
import { replayCommand } from './cli/replay.js';
import { retrainingCommand } from './cli/retraining.js';
import { runCommand, startCommand } from './cli/run.js';
import { verifyCommand } from './cli/verify.js';
import { WeirError } from './errors.js';

const program = new Command('weir')
  .description('windowed features, live scores and drift alarms from event topics')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(weir --help lists the commands)');
for (const command of [
  startCommand(),
  runCommand(),
  replayCommand(),
  verifyCommand(),
  referenceCommand(),
  episodesCommand(),
  retrainingCommand(),
  monitorCommand(),
  compareCommand(),
  generateCommand(),
  deadLettersCommand(),
  doctorCommand(),
  rehydrateCommand(),
]) {
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
