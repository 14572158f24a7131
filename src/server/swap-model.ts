import { WeirError } from '../errors.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { Command } from '../monitors/command.js';
import type { ReferenceUse } from '../monitors/reference-fit.js';
import { type Swap, swapCommands } from '../streams/swap-model.js';
import type { Said } from './engine-view.js';

/** Says to a model's monitors that another version scores, or why it does not. */
export async function swapModel(
  swap: Swap | null,
  registry: ModelRegistry | null,
  uses: readonly ReferenceUse[],
  say: (command: Command) => Promise<Said>,
): Promise<Said> {
  if (swap === null || registry === null) return { ok: false, why: 'no such model runs here' };
  try {
    for (const command of await swapCommands(swap, registry, uses)) {
      const said = await say(command);
      if (!said.ok) return said;
    }
    return { ok: true };
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    return { ok: false, why: error.message };
  }
}
