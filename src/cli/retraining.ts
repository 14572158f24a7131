import { Command } from 'commander';
import { WeirError } from '../errors.js';
import type { RetrainingView } from '../monitors/policy-view.js';
import { askEngine, type EngineOptions } from './ask-engine.js';
import { engineOptions, say, whoOf } from './episodes.js';
import { retrainingsText } from './episodes-text.js';

interface Options extends EngineOptions {
  readonly json?: boolean;
  readonly who?: string;
  readonly note?: string;
}

const help = `
For trainers: what is due, that it is taken up, how far it is, and the version that came of it. A
version that lies beside the manifest in use, with its reference, takes over when it is said to be
done; the episode closes.`;

/** `weir retraining`: what a trainer is asked, and says. */
export function retrainingCommand(): Command {
  const command = new Command('retraining')
    .description('retraining events: list, acknowledge, report progress and the new version')
    .addHelpText('after', help);
  engineOptions(command.command('list').description('events and how far they are')).action(list);
  said(command.command('ack <event>').description('say that it is taken up')).action(
    (event: string, options: Options) => tell(options, 'ack', { event }),
  );
  said(command.command('progress <event>').description('say how far it is'))
    .requiredOption('--share <number>', 'what is done, from 0 to 1')
    .action((event: string, options: Options & { readonly share: string }) =>
      tell(options, 'progress', { event, progress: shareOf(options.share) }),
    );
  said(command.command('done <event>').description('say which version came of it'))
    .requiredOption('--version <version>', 'version of the new model')
    .action((event: string, options: Options & { readonly version: string }) =>
      tell(options, 'done', { event, version: options.version }),
    );
  return command;
}

function said(command: Command): Command {
  return engineOptions(command)
    .option('--who <name>', 'your name (default: of this machine)')
    .option('--note <text>', 'a remark');
}

function tell(options: Options, path: string, fields: Readonly<Record<string, unknown>>) {
  const { note } = options;
  return say(options, `/api/retraining/${path}`, { ...fields, note, who: whoOf(options) });
}

function shareOf(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new WeirError('wrong-use', `--share: expected a number from 0 to 1; found '${text}'`);
}

async function list(options: Options): Promise<void> {
  const answer = await askEngine<{ retraining: readonly RetrainingView[] }>(
    options,
    '/api/retraining',
  );
  console.log(options.json ? JSON.stringify(answer) : retrainingsText(answer.retraining));
}
