import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, map, pipe, tap } from 'rxjs';
import { onDisk } from '../disk-error.js';
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
import { type Account, accountOf, finalWatermarkMs } from './account.js';
import { checkFiles } from './check-files.js';
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
import { runIdentityOf } from './run-identity.js';
import { type DataDirectory, openDataDirectory } from './storage/data-directory.js';

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
  /** Time between snapshots, ms, longer where they cost too much; 0: one after every batch. */
  readonly snapshotEveryMs?: number;
  /** Told after every batch how many records were taken so far. */
  readonly progress: (records: number) => void;
  /** Told in a sentence of what does not stop the run. */
  readonly warn: (message: string) => void;
}

const epoch = 0;
const snapshotsName = 'snapshots';
const logsName = 'logs';
const accountsName = 'accounts.json';
/** Snapshots take at most about this share of a run's time. */
const snapshotShare = 0.05;
const snapshotEveryMsDefault = 1_000;

/** What a run has done, from its first start on. */
export interface ReplayReport {
  readonly records: number;
  /** Of the last start alone. */
  readonly seconds: number;
  /** By topic. */
  readonly accounts: Readonly<Record<string, Account>>;
  /** Lengths of the output files by name, bytes. */
  readonly outputs: Readonly<Record<string, number>>;
}

/**
 * Files in, files out: replays the inputs through the pipeline into `out`, then ends. A run that
 * was killed goes on where it was when it is started again with the same arguments.
 * @throws WeirError input-missing, input-unreadable, wrong-use, output-changed, definition-changed,
 * data-dir-locked, data-dir-foreign, snapshot-corrupt, segment-corrupt, disk-full, disk-failed
 */
export async function replay(run: ReplayRun): Promise<ReplayReport> {
  const startMs = performance.now();
  checkFiles(
    run.inputs.map((input) => input.path),
    run.out,
  );
  const state = join(run.out, '.weir');
  const finished = join(run.out, '.weir-finished');
  const directory = openDataDirectory(state);
  let done: Omit<ReplayReport, 'seconds'>;
  try {
    remove(finished);
    if (run.reset) for (const name of [snapshotsName, logsName]) remove(join(state, name));
    done = await replayInto(run, state);
    // While it is locked, so that nobody takes up what is finished; the lock goes with it.
    onDisk('renaming', state, () => renameSync(state, finished));
  } catch (error) {
    release(directory);
    throw withRemedy(error);
  }
  remove(finished);
  return { ...done, seconds: (performance.now() - startMs) / 1_000 };
}

function remove(path: string): void {
  onDisk('removing', path, () => rmSync(path, { recursive: true, force: true }));
}

/** On a full disk this can fail too: what failed first is what to tell. */
function release(directory: DataDirectory): void {
  try {
    directory.close();
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
  }
}

/** A replay can always start over: its inputs are files. */
function withRemedy(error: unknown): unknown {
  if (!(error instanceof WeirError) || error.code !== 'segment-corrupt') return error;
  if (error.message.includes('--reset')) return error;
  const message = `${error.message}; or start over with --reset`;
  return new WeirError(error.code, message, { cause: error, place: error.place });
}

async function replayInto(run: ReplayRun, state: string): Promise<Omit<ReplayReport, 'seconds'>> {
  const { pipeline, partitions, latenessMs } = run;
  const graph = new Graph(pipeline, {
    ...run.models,
    partitions,
    latenessMs,
    epoch,
    wanted: wanted.before,
    capturePeriods: null,
  });
  const identity = runIdentityOf(run);
  const checkpoints = new Checkpoints(join(state, snapshotsName), hashOf(identity), identity);
  const start = checkpoints.read(
    'finish it with the arguments it was started with, or start over with --reset',
    'start over with --reset',
  );
  for (const { path, reason } of checkpoints.refused)
    run.warn(`${path}: ${reason}; going on from the snapshot before it`);
  const nowMs = (start?.extra.nowMs as number | undefined) ?? run.nowMs ?? Date.now();
  const lengths = (start?.extra.lengths as OutputLengths | undefined) ?? noLengths;
  if (start === null) {
    remove(join(state, logsName)); // nothing says whose they are
    remove(join(run.out, accountsName)); // an earlier run's: it would call this one finished
    checkpoints.write(startPosition, new Map(), { nowMs, lengths: { ...noLengths } });
  } else if (start.position.batch > 0) graph.restore(start.parts);
  const output = new OutputDirectory(run.out, lengths);
  try {
    const logs = new LogSet(join(state, logsName), pipeline.stages, partitions);
    const flow = new ReplayFlow(run, graph, logs, output, checkpoints, nowMs);
    try {
      await flow.recover(start?.position ?? startPosition);
      await flow.run();
      return flow.finish();
    } finally {
      logs.close();
    }
  } finally {
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
  readonly #snapshotEveryMs: number;
  #nextSnapshotMs: number;

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
    this.#snapshotEveryMs = run.snapshotEveryMs ?? snapshotEveryMsDefault;
    this.#nextSnapshotMs = performance.now() + this.#snapshotEveryMs;
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
    try {
      await lastValueFrom(pulled(next, graph), { defaultValue: null });
    } finally {
      logged.return(undefined);
    }
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
  finish(): Omit<ReplayReport, 'seconds'> {
    const { pipeline, disorderMs, inputs } = this.#run;
    for (const line of this.#latestLines(pipeline, disorderMs)) this.#output.write('latest', line);
    const lengths = Object.entries(this.#output.flush());
    const topics = pipeline.topics.filter((_, i) => inputs.some((one) => one.topicIndex === i));
    const accounts = Object.fromEntries(
      topics.map(({ topic }) => [topic, accountOf(topic, this.#position.cursors)]),
    );
    const text = `${JSON.stringify(accounts, null, 2)}\n`;
    this.#output.replace(accountsName, text);
    const outputs = lengths.map(([name, bytes]): [string, number] => [`${name}.ndjson`, bytes]);
    outputs.push([accountsName, Buffer.byteLength(text)]);
    return { records: this.#position.first, accounts, outputs: Object.fromEntries(outputs) };
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
    const restMs = this.#snapshotEveryMs === 0 ? 0 : (after - before) / snapshotShare;
    this.#nextSnapshotMs = after + Math.max(this.#snapshotEveryMs, restMs);
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
