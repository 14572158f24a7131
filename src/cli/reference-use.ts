import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { WeirError } from '../errors.js';
import type { Reference } from '../monitors/reference.js';
import { readReference, referenceText } from '../monitors/reference-file.js';
import { askEngine, type EngineOptions } from './ask-engine.js';
import { engineOptions, whoOf } from './episodes.js';
import { referenceFiles } from './reference-show.js';

interface Options extends EngineOptions {
  readonly directory: string;
  readonly who?: string;
  readonly json?: true;
}

interface UseAnswer {
  readonly command: { readonly id: string; readonly monitor: string };
}

const help = `
It counts from the next period of the monitor on; the one under way stays with the reference it
began with. weir reference used says what is in use and what is next. Over Kafka any process will
do.`;

/** `weir reference use`: another reference for a running engine. */
export function referenceUseCommand(): Command {
  const command = new Command('use')
    .description("hold a running engine's monitor against another reference, without a restart")
    .argument('<reference>', 'a file, or the id of one in --directory')
    .option('--directory <path>', 'where *.reference.json lie', 'models')
    .option('--who <name>', 'your name (default: of this machine)');
  return engineOptions(command).addHelpText('after', help).action(use);
}

/** A reference as the engine tells of it. */
interface Told {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

interface UsedAnswer {
  readonly references: readonly {
    readonly monitor: string;
    readonly model: string;
    readonly model_version: string;
    readonly reference: Told | null;
    readonly next: readonly (Told & { readonly counts_from: string })[];
  }[];
}

/** `weir reference used`: what a running engine's monitors are held against. */
export function referenceUsedCommand(): Command {
  const command = new Command('used').description(
    "say which references a running engine's monitors are held against, and which are next",
  );
  return engineOptions(command).action(used);
}

async function used(options: EngineOptions & { readonly json?: true }): Promise<void> {
  const answer = await askEngine<UsedAnswer>(options, '/api/references');
  if (options.json) return console.log(JSON.stringify(answer));
  for (const { monitor, model, model_version: version, reference, next } of answer.references) {
    const now = reference === null ? 'none: weir reference capture' : toldText(reference);
    console.log(`${monitor}  ${model} ${version}  ${now}`);
    for (const one of next) console.log(`  from ${one.counts_from}  ${toldText(one)}`);
  }
}

function toldText({ id, from, to }: Told): string {
  return `${id}  ${from} to ${to}`;
}

async function use(named: string, options: Options): Promise<void> {
  const reference = found(named, options.directory);
  const fields = { reference: JSON.parse(referenceText(reference)), who: whoOf(options) };
  const answer = await askEngine<UseAnswer>(options, '/api/references/use', fields);
  const { id, monitor } = answer.command;
  if (options.json) console.log(JSON.stringify(answer));
  else console.log(`taken: ${monitor} is held against ${id} from its next period on`);
}

function found(named: string, directory: string): Reference {
  if (existsSync(named) || named.endsWith('.json')) return readReference(named);
  const known = referenceFiles(directory).map(readReference);
  const reference = known.find(({ id }) => id === named);
  if (reference !== undefined) return reference;
  const ids = known.map(({ id }) => id).join(', ') || 'none';
  throw new WeirError(
    'wrong-use',
    `expected a file, or the id of a reference in ${directory} (${ids}); found '${named}'`,
  );
}
