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
began with. GET /api/references says what is in use and what is next. Over Kafka any process will
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
