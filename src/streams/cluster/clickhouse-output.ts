import type { Stage } from '../../operators/stage.js';
import type { ClickhouseSink } from '../../sinks/clickhouse/sink.js';
import type { FeatureOutput, TakenFrame } from './feature-output.js';
import type { DeadLetterOutput } from './refused-log-task.js';

/**
 * Rows of a feature task: its vectors, and the events that are its to write.
 * @param home by topic: the name of the stage that writes its records; one that keys them
 */
export function clickhouseOutput(
  sink: ClickhouseSink,
  home: readonly (string | null)[],
): FeatureOutput {
  return {
    frame: (taken) => {
      for (const block of taken.output.blocks) {
        sink.vectors(block, taken.epoch); // `ready` says when there is room
      }
      writeRecords(sink, taken, home);
    },
    ready: () => sink.ready(),
    flush: () => sink.settle(),
  };
}

/** The stage that writes each topic's records: the first that keys them, else the first at all. */
export function homesOf(stages: readonly Stage[], topics: number): (string | null)[] {
  return Array.from({ length: topics }, (_, topic) => {
    const keyed = stages.find((stage) => stage.routes[topic]!.kind === 'key');
    const copied = stages.find((stage) => stage.routes[topic]!.kind === 'copy');
    return (keyed ?? copied)?.name ?? null;
  });
}

function writeRecords(
  sink: ClickhouseSink,
  { task, frame, n, epoch, output }: TakenFrame,
  home: readonly (string | null)[],
): void {
  const { batch, count, index } = frame;
  const places: number[] = [];
  const sequences: number[] = [];
  let sequence = n;
  for (let i = 0; i < count; i++) {
    if (output.repeated.has(i)) continue;
    sequence++;
    const at = index[i]!;
    const topic = batch.topics[at]!;
    if (home[topic] !== task.stage.name) continue;
    // Every partition has a copied row: one writes it.
    if (task.stage.routes[topic]!.kind === 'copy' && task.partition !== 0) continue;
    places.push(at);
    sequences.push(sequence - 1);
  }
  sink.records(batch, places, sequences, epoch); // `ready` says when there is room
}

/** Dead letters as rows. */
export function clickhouseLetters(sink: ClickhouseSink): DeadLetterOutput {
  return {
    add: (letters) => {
      sink.deadLetters(letters); // `ready` says when there is room
    },
    ready: () => sink.ready(),
    flush: () => sink.settle(),
  };
}
