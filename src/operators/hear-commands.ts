import { parseCommand } from '../monitors/command.js';
import type { Emission } from '../monitors/emission.js';
import { judge } from '../monitors/policy.js';
import { fittingReference, type OnUnfit, unfitInLog } from '../monitors/reference-fit.js';
import { switchReference, type Watch, type WatchOptions } from '../monitors/watch.js';
import type { Batch } from '../records/batch.js';

/** Commands of one batch, at most: places in the log are counted so. */
const commandsPerBatchMax = 1_000;

/**
 * Takes the commands that stand in a batch; others than the monitor's are passed over.
 * @param nextMs start of the first period that no sampler has opened; -Infinity before any
 */
export function hearCommands(
  task: Watch,
  { batch, commands = [] }: Batch,
  nextMs: () => number,
  onUnfit: OnUnfit,
): void {
  const { definition } = task.options;
  for (const [index, text] of commands.entries()) {
    const parsed = parseCommand(JSON.parse(text)); // as a route made it
    if (!parsed.ok || parsed.command.monitor !== definition.name) continue;
    const position = batch * commandsPerBatchMax + index;
    const { command } = parsed;
    if (command.kind === 'use-reference' && position > task.policy.commandsUpTo) {
      const fitting = fittingReference(command.reference, definition, task.policy.modelVersion);
      if (fitting.ok) switchReference(task, fitting.reference, nextMs());
      else onUnfit(unfitInLog(definition, fitting.reason));
    }
    task.policy = judge(definition, task.policy, { kind: 'command', command, position }).state;
  }
}

/** Commands of a batch that let another version of a model score. */
export function modelSwaps({ commands = [] }: Batch) {
  return commands.flatMap((text) => {
    const parsed = parseCommand(JSON.parse(text)); // as a route made it
    return parsed.ok && parsed.command.kind === 'use-model' ? [parsed.command] : [];
  });
}

/** What the monitor is held against once a batch says that another version of its model scores. */
export function optionsAfter(options: WatchOptions, batch: Batch, onUnfit: OnUnfit): WatchOptions {
  let after = options;
  for (const swap of modelSwaps(batch)) {
    const { monitor, version, replaces, importance, reference: said } = swap;
    if (monitor !== after.definition.name || replaces !== after.modelVersion) continue;
    const fitting = said === null ? null : fittingReference(said, after.definition, version);
    if (fitting?.ok === false) onUnfit(unfitInLog(after.definition, fitting.reason));
    const reference = fitting?.ok ? fitting.reference : null;
    after = { ...after, modelVersion: version, reference, importance };
  }
  return after;
}

/**
 * A model that was replaced, by a command or while the engine stood still: its episodes close where
 * they stood, and its own reference is used from the next period on. A model that is not loaded
 * replaces nothing.
 */
export function hearModel(
  task: Watch,
  options: WatchOptions,
  nextMs: () => number,
): readonly Emission[] {
  const { modelVersion, reference } = options;
  const { policy } = task;
  if (modelVersion === 'none' || modelVersion === policy.modelVersion) return [];
  const atMs = policy.judgedUpToMs ?? 0;
  const step = judge(options.definition, policy, { kind: 'model', version: modelVersion, atMs });
  task.policy = step.state;
  if (reference === null)
    task.captured = []; // those periods are of the former model
  else switchReference(task, reference, nextMs());
  return step.emissions;
}
