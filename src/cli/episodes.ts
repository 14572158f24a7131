import { userInfo } from 'node:os';
import { Command } from 'commander';
import { WeirError } from '../errors.js';
import type { EpisodeView, MuteView } from '../monitors/policy-view.js';
import { askEngine, type EngineOptions } from './ask-engine.js';
import { episodesText, episodeText } from './episodes-text.js';
import { durationOption, timeOption } from './options.js';

interface Options extends EngineOptions {
  readonly json?: boolean;
}

interface SayOptions extends Options {
  readonly who?: string;
  readonly note?: string;
}

interface MuteOptions extends Options {
  readonly who?: string;
  readonly monitor?: string;
  readonly feature?: string;
  readonly until?: string;
  readonly for?: string;
  readonly reason?: string;
}

export interface EpisodesAnswer {
  readonly episodes: readonly EpisodeView[];
  readonly mutes: readonly MuteView[];
}

const help = `
What is said is written to the log that the policy reads, so that a replay hears it at the same place.
A running engine is asked over HTTP; over Kafka any process of the pipeline will do.`;

/** `weir episodes`: what opened, who looks at it, what is muted. */
export function episodesCommand(): Command {
  const command = new Command('episodes')
    .description('episodes of drift and quality: list, show, acknowledge, mute')
    .addHelpText('after', help);
  engineOptions(command.command('list').description('open episodes, past ones and mutes'))
    .option('--open', 'open ones only')
    .action((options: Options & { open?: boolean }) => list(options));
  engineOptions(command.command('show <id>').description('one episode')).action(show);
  engineOptions(command.command('ack <id>').description('say that you are on it'))
    .option('--who <name>', 'your name (default: of this machine)')
    .option('--note <text>', 'what you know of it')
    .action((episode: string, options: SayOptions) =>
      say(options, '/api/episodes/ack', { episode, who: whoOf(options), note: options.note }),
    );
  muteOptions(engineOptions(command.command('mute').description('let nothing open for a while')))
    .option('--until <time>', 'event time at which it counts again, with its zone')
    .option('--for <duration>', 'so long from now, such as 24h')
    .requiredOption('--reason <text>', 'why')
    .action(mute);
  muteOptions(engineOptions(command.command('unmute').description('let it count again'))).action(
    (options: MuteOptions) => {
      const { monitor, feature } = options;
      return say(options, '/api/episodes/unmute', { monitor, feature, who: whoOf(options) });
    },
  );
  return command;
}

export function engineOptions(command: Command): Command {
  return command
    .option('--engine <url>', 'address of the running engine (default: as configured)')
    .option('--config <file>', 'configuration (default: weir.config.yaml if it is there)')
    .option('--json', 'the answer as JSON');
}

function muteOptions(command: Command): Command {
  return command
    .option('--monitor <name>', 'monitor (default: the only one)')
    .option('--feature <name>', 'feature (default: the whole monitor)')
    .option('--who <name>', 'your name (default: of this machine)');
}

export function whoOf({ who }: { readonly who?: string }): string {
  return who ?? userInfo().username;
}

/** Says it and tells what was taken. */
export async function say(
  options: Options,
  path: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const answer = await askEngine<SaidAnswer>(options, path, fields);
  if (options.json) console.log(JSON.stringify(answer));
  else {
    const { kind } = answer.command;
    const command = kind === 'retraining' ? 'retraining' : 'episodes';
    console.log(`taken: ${kind}; weir ${command} list shows it in a moment`);
  }
  const { model } = answer;
  if (model !== undefined && !options.json)
    console.log(`${model.name} ${model.version} takes over`);
}

/** What was taken; where a version was said to be done, which takes over. */
interface SaidAnswer {
  readonly command: { readonly kind: string };
  readonly model?: {
    readonly name: string;
    readonly version: string;
  };
}

/** What the alerts of an episode told last. */
interface AlertAnswer {
  readonly episode: string;
  readonly changes: readonly string[];
  readonly next_step: string;
}

async function list({ open = false, ...options }: Options & { open?: boolean }): Promise<void> {
  const answer = await askEngine<EpisodesAnswer>(options, '/api/episodes');
  const episodes = answer.episodes.filter(({ status }) => !open || status === 'open');
  if (options.json) console.log(JSON.stringify({ ...answer, episodes }));
  else console.log(episodesText({ ...answer, episodes }));
}

async function show(id: string, options: Options): Promise<void> {
  const { episodes } = await askEngine<EpisodesAnswer>(options, '/api/episodes');
  const episode = episodes.find((one) => one.id === id);
  if (episode === undefined) {
    const message = `expected the id of an episode, found '${id}'; weir episodes list shows them`;
    throw new WeirError('wrong-use', message);
  }
  const alerts = await askEngine<readonly AlertAnswer[]>(options, '/api/alerts');
  const told = alerts.find((alert) => alert.episode === id);
  const { changes, next_step } = told ?? { changes: [], next_step: '' };
  const shown = { ...episode, changes, next_step };
  console.log(options.json ? JSON.stringify(shown) : episodeText(shown));
}

async function mute(options: MuteOptions): Promise<void> {
  const { monitor, feature, reason } = options;
  const until = new Date(untilOf(options)).toISOString();
  const fields = { monitor, feature, reason, until, who: whoOf(options) };
  await say(options, '/api/episodes/mute', fields);
}

function untilOf({ until, for: lasting }: MuteOptions): number {
  if ((until === undefined) === (lasting === undefined)) {
    throw new WeirError('wrong-use', 'expected one of --until and --for, for example --for 24h');
  }
  return until === undefined
    ? Date.now() + durationOption('--for', lasting!)
    : timeOption('--until', until);
}
