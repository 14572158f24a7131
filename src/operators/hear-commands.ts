import { parseCommand } from '../monitors/command.js';
import type { Emission } from '../monitors/emission.js';
import { judge } from '../monitors/policy.js';
import { replaceModel, type Watch, type WatchOptions } from '../monitors/watch.js';
import type { Batch } from '../records/batch.js';

/** Commands of one batch, at most: places in the log are counted so. */
export const commandsPerBatchMax = 1_000;

/** Takes the commands that stand in a batch; others than the monitor's are passed over. */
export function hearCommands(task: Watch, { batch, commands = [] }: Batch): void {
  const { definition } = task.options;
  for (const [index, text] of commands.entries()) {
    const parsed = parseCommand(JSON.parse(text)); // as a route made it
    if (!parsed.ok || parsed.command.monitor !== definition.name) continue;
    const position = batch * commandsPerBatchMax + index;
    const { command } = parsed;
    task.policy = judge(definition, task.policy, { kind: 'command', command, position }).state;
  }
}

/**
 * A model that was replaced while the engine stood still: its episodes close where they stood, and
 * its own reference is used from now on. A model that is not loaded replaces nothing.
 */
export function hearModel(task: Watch, options: WatchOptions): readonly Emission[] {
  const { modelVersion, reference } = options;
  const { policy } = task;
  if (modelVersion === 'none' || modelVersion === policy.modelVersion) return [];
  const atMs = policy.judgedUpToMs ?? 0;
  return replaceModel(task, modelVersion, reference ?? task.reference, atMs);
}
