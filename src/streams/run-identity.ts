import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { hashOf } from '../features/view.js';
import type { ReplayRun } from './replay.js';

/** What must be the same for a killed run to be taken up, by the name it goes by in a message. */
export type RunIdentity = Readonly<Record<string, string>>;

/** Files are told by path and size: a checksum would cost a second reading. */
export function runIdentityOf(run: ReplayRun): RunIdentity {
  const { pipeline, models, inputs } = run;
  const files = inputs.map(({ topicIndex, partition, path }): [string, string] => [
    `input ${pipeline.topics[topicIndex]!.topic}/${partition}`,
    `${resolve(path)} with ${statSync(path).size} bytes`,
  ]);
  return {
    pipeline: `${pipeline.name} of definition ${pipeline.hash}`,
    ...Object.fromEntries(pipeline.monitors.map((one) => [`monitor ${one.name}`, hashOf(one)])),
    ...named('model', models.models, (model) => model.manifest.sha256),
    ...named('reference', models.references, (reference) => reference.hash),
    '--partitions': String(run.partitions),
    '--lateness': `${run.latenessMs} ms`,
    '--disorder': `${run.disorderMs} ms`,
    '--now': run.nowMs === null ? 'not given' : new Date(run.nowMs).toISOString(),
    ...Object.fromEntries(files),
  };
}

function named<T>(
  what: string,
  map: ReadonlyMap<string, T>,
  textOf: (one: T) => string,
): Record<string, string> {
  return Object.fromEntries([...map].map(([name, one]) => [`${what} ${name}`, textOf(one)]));
}
