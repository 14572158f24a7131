import { renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lastValueFrom, map, pipe, tap } from 'rxjs';
import { WeirError } from '../errors.js';
import { hashOf } from '../features/view.js';
import { wanted } from '../features/view-state.js';
import { toAlertRecord } from '../monitors/drift-alert-record.js';
import type { Emission } from '../monitors/emission.js';
import { toRetrainingRecord } from '../monitors/retraining-record.js';
import { vectorsInOrder } from '../operators/in-order.js';
import { pulled } from '../operators/pull.js';
import type { Step } from '../operators/step.js';
import type { Batch } from '../records/batch.js';
import { deadLetterJson, latestJson, scoreJson, vectorJson } from '../records/json.js';
import { noLengths, OutputDirectory, type OutputLengths } from '../sinks/files/output-directory.js';
import { compareCodePoints } from '../windows/top-counts.js';
import { accountOf, finalWatermarkMs } from './account.js';
import { Checkpoints } from './checkpoint.js';
import { deadLettersOf } from './dead-letters.js';
import { appendToLogs, Graph } from './graph.js';
import { type IngestPosition, startPosition } from './ingest/batch-builder.js';
import { type ReplayInput, ReplaySource } from './ingest/replay-source.js';
import { latestOf } from './latest.js';
import type { LoadedModels } from './load-models.js';
import { LogSet } from './log-set.js';
import type { Pipeline } from './pipeline.js';
import { rowReader } from './row-reader.js';
import { openDataDirectory } from './storage/data-directory.js';

export interface ReplayRun {
  readonly pipeline: Pipeline;
  readonly inputs: readonly ReplayInput[];
  readonly out: string;
  /** The clock that judges future stamps, ms; null: the start of the run. */
  readonly nowMs: number | null;
  readonly models: LoadedModels;
  readonly partitions: number;
  readonly batchRecords: number;
  readonly latenessMs: number;
  readonly disorderMs: number;
  /** Throws away what an unfinished run left. */
  readonly reset: boolean;
  /** Told after every batch how many records were taken so far. */
  readonly progress: (records: number) => void;
}

const epoch = 0;
/** Snapshots take at most about this share of a run's time. */
const snapshotShare = 0.05;
const snapshotEveryMs = 1_000;

/**
 * Files in, files out: replays the inputs through the pipeline into `out`, then ends. A run that was
 * killed goes on where it was when it is started again with the same arguments.
 */
export async function replay(run: ReplayRun): Promise<void> {
  const state = join(run.out, '.weir');
  const finished = join(run.out, '.weir-finished');
  rmSync(finished, { recursive: true, force: true });
  for (const input of run.inputs) checkReadable(input.path);
  if (run.reset) rmSync(state, { recursive: true, force: true });
  const directory = openDataDirectory(state);
  try {
    await replayInto(run, state);
  } finally {
    directory.close();
  }
  renameSync(state, finished);
  rmSync(finished, { recursive: true, force: true });
}

function checkReadable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new WeirError(
    'input-missing',
    `${path}: expected a file, found none; check the path given with --input`,
    { place: { path } },
  );
}

/** What must be the same for a killed run to be taken up. */
function identityOf({
  pipeline,
  models,
  inputs,
  partitions,
  latenessMs,
  disorderMs,
  nowMs,
}: ReplayRun): string {
  const files = inputs.map(({ topicIndex, partition, path }) => [
    topicIndex,
    partition,
    resolve(path),
    statSync(path).size,
  ]);
  return hashOf({
    pipeline: pipeline.hash,
    models: [...models.models.values()].map((model) => model.manifest.sha256),
    references: [...models.references.values()].map((reference) => reference.hash),
    files,
    partitions,
    latenessMs,
    disorderMs,
    nowMs,
  });
}

async function replayInto(run: ReplayRun, state: string): Promise<void> {
  const { pipeline, partitions, latenessMs } = run;
  const graph = new Graph(pipeline, {
    ...run.models,
    partitions,
    latenessMs,
    epoch,
    wanted: wanted.before,
    capturePeriods: null,
  });
  const checkpoints = new Checkpoints(join(state, 'snapshots'), identityOf(run));
  const start = checkpoints.read(
    'start over with --reset, or finish it with the arguments it was started with',
  );
  const nowMs = (start?.extra.nowMs as number | undefined) ?? run.nowMs ?? Date.now();
  if (start === null)
    checkpoints.write(startPosition, new Map(), { nowMs, lengths: { ...noLengths } });
  else if (start.position.batch > 0) graph.restore(start.parts);
  const logs = new LogSet(join(state, 'logs'), pipeline.stages, partitions);
  const output = new OutputDirectory(
    run.out,
    (start?.extra.lengths as OutputLengths | undefined) ?? noLengths,
  );
  const flow = new ReplayFlow(run, graph, logs, output, checkpoints, nowMs);
  try {
    await flow.recover(start?.position ?? startPosition);
    await flow.run();
    flow.finish();
  } finally {
    logs.close();
    output.close();
  }
}

/** One replay under way. */
class ReplayFlow {
  readonly #run: ReplayRun;
  readonly #graph: Graph;
  readonly #logs: LogSet;
  readonly #output: OutputDirectory;
  readonly #checkpoints: Checkpoints;
  readonly #nowMs: number;
  #position: IngestPosition = startPosition;
  #snapshotBatch = -1;
  #nextSnapshotMs = performance.now() + snapshotEveryMs;

  constructor(
    run: ReplayRun,
    graph: Graph,
    logs: LogSet,
    output: OutputDirectory,
    checkpoints: Checkpoints,
    nowMs: number,
  ) {
    this.#run = run;
    this.#graph = graph;
    this.#logs = logs;
    this.#output = output;
    this.#checkpoints = checkpoints;
    this.#nowMs = nowMs;
  }

  /** Takes the batches that the logs have beyond the snapshot. */
  async recover(from: IngestPosition): Promise<void> {
    this.#position = from;
    const read = rowReader(this.#run.pipeline.topics);
    const logged = this.#logs.read(from.batch - 1, read);
    const next = async () => {
      const { done, value } = logged.next();
      return done ? null : value;
    };
    const graph = pipe(
      map((batch: Batch) => this.#graph.route(batch, true)),
      this.#graph.operators((step) => this.#deliver(step), this.#logs.scores),
    );
    await lastValueFrom(pulled(next, graph), { defaultValue: null });
  }

  async run(): Promise<void> {
    const { pipeline, inputs, batchRecords, latenessMs, disorderMs } = this.#run;
    const settings = { latenessMs, disorderMs, batchRecords };
    const source = new ReplaySource(pipeline.topics, inputs, {
      nowMs: this.#nowMs,
      settings,
      from: this.#position,
    });
    const graph = pipe(
      map((batch: Batch) => this.#graph.route(batch)),
      appendToLogs(this.#logs),
      this.#graph.operators((step) => this.#deliver(step), this.#logs.scores),
      tap(() => this.#snapshotWhenDue()),
    );
    try {
      await lastValueFrom(
        pulled(() => source.next(), graph),
        { defaultValue: null },
      );
    } finally {
      await source.close();
    }
  }

  /** Writes what is known only at the end. */
  finish(): void {
    const { pipeline, disorderMs } = this.#run;
    for (const line of this.#latestLines(pipeline, disorderMs)) this.#output.write('latest', line);
    this.#output.flush();
    const topics = pipeline.topics.filter((_, i) =>
      this.#run.inputs.some((input) => input.topicIndex === i),
    );
    const accounts = topics.map(({ topic }) => [topic, accountOf(topic, this.#position.cursors)]);
    this.#output.replace(
      'accounts.json',
      `${JSON.stringify(Object.fromEntries(accounts), null, 2)}\n`,
    );
  }

  #deliver(step: Step): void {
    for (const vector of vectorsInOrder(step, epoch))
      this.#output.write('vectors', vectorJson(vector));
    for (const { score } of step.scores) this.#output.write('scores', scoreJson(score));
    for (const emission of step.emissions) this.#writeEmission(emission);
    for (const letter of deadLettersOf(step.refused, this.#run.pipeline.topics))
      this.#output.write('dead-letters', deadLetterJson(letter));
    const { batch, cursors } = step.batch;
    const taken = cursors.reduce(
      (sum, cursor) => sum + cursor.counts.reduce((a, b) => a + b, 0),
      0,
    );
    this.#position = { batch: batch + 1, first: taken, cursors };
    this.#run.progress(taken);
  }

  #writeEmission(emission: Emission): void {
    if (emission.kind === 'alert') {
      this.#output.write('alerts', JSON.stringify(toAlertRecord(emission)));
    } else {
      this.#output.write('retraining-events', JSON.stringify(toRetrainingRecord(emission)));
    }
  }

  #snapshotWhenDue(): void {
    const before = performance.now();
    if (before < this.#nextSnapshotMs) return;
    const lengths = { ...this.#output.flush() };
    this.#checkpoints.write(this.#position, this.#graph.dump(), { nowMs: this.#nowMs, lengths });
    this.#logs.dropBefore(this.#snapshotBatch);
    this.#snapshotBatch = this.#position.batch;
    const after = performance.now();
    this.#nextSnapshotMs = after + Math.max(snapshotEveryMs, (after - before) / snapshotShare);
  }

  *#latestLines(pipeline: Pipeline, disorderMs: number): Generator<string> {
    const tasks = this.#graph.tasks.flat();
    for (const definition of [...pipeline.views].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const atMs = finalWatermarkMs(definition.source.topic, this.#position.cursors, disorderMs);
      const entries = tasks.flatMap((task) =>
        task.views
          .filter((view) => view.definition === definition)
          .flatMap((view) =>
            view.keys.keys.slice(1).map((key, i) => ({ text: String(key), task, view, k: i + 1 })),
          ),
      );
      entries.sort((a, b) => compareCodePoints(a.text, b.text));
      for (const { task, view, k } of entries)
        yield latestJson(latestOf(task, view, k, atMs, epoch));
    }
  }
}
