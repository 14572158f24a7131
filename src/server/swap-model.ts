import { WeirError } from '../errors.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { Command } from '../monitors/command.js';
import type { ReferenceUse } from '../monitors/reference-fit.js';
import { type Swap, swapCommands } from '../streams/swap-model.js';
import type { Said } from './engine-view.js';

/**
 * Says that a version is done, then to its monitors that it scores; where it is not ready, why, and
 * nothing is said.
 */
export async function swapModel(
  swap: Swap | null,
  registry: ModelRegistry | null,
  uses: readonly ReferenceUse[],
  done: Command,
  say: (command: Command) => Promise<Said>,
): Promise<Said> {
  if (swap === null || registry === null) {
    return refused('expected a model of the pipeline that runs here; found none of that name');
  }
  try {
    for (const command of [done, ...(await swapCommands(swap, registry, uses))]) {
      const said = await say(command);
      if (!said.ok) return said;
    }
    return { ok: true };
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    return refused(error.message);
  }
}

function refused(why: string): Said {
  return { ok: false, why, refused: true };
}
