import { assert } from '../../errors.js';
import type { TopicDefinition } from '../../features/source.js';
import type { Batch } from '../../records/batch.js';
import {
  BatchBuilder,
  type IngestPosition,
  type IngestSettings,
  startPosition,
} from './batch-builder.js';
import { judgeHead, type Lane } from './lane.js';
import type { LineBlock } from './line-block.js';
import { lineBytesMaxDefault } from './lines.js';
import { recordBlocks } from './record-blocks.js';

/** One file: all of one source partition. */
export interface ReplayInput {
  /** Index into the pipeline's topics. */
  readonly topicIndex: number;
  readonly partition: number;
  readonly path: string;
}

export interface ReplayOptions {
  /** The clock that judges future stamps, ms. */
  readonly nowMs: number;
  readonly settings?: Partial<IngestSettings>;
  /** Where an earlier run stood; the start by default. */
  readonly from?: IngestPosition;
  readonly lineBytesMax?: number;
}

interface ReplayFile {
  readonly lane: Lane;
  /** Place among records of equal time: tables first, then topic and partition. */
  readonly rank: number;
  readonly blocks: AsyncGenerator<LineBlock, void>;
  block: LineBlock;
  /** Next line of the block. */
  index: number;
}

const noLines: LineBlock = { first: 0, lines: [], faults: null };

/** Whether the head of `a` comes before that of `b`. */
function isBefore(a: ReplayFile, b: ReplayFile): boolean {
  const aMs = a.lane.nextMaxMs;
  const bMs = b.lane.nextMaxMs;
  return aMs === bMs ? a.rank < b.rank : aMs < bMs;
}

/** Moves the first file, whose head is new, to its place: heads behind it are in order. */
function sink(files: ReplayFile[]): void {
  const file = files[0] as ReplayFile; // called with one at least
  let i = 0;
  for (let next = files[1]; next !== undefined && isBefore(next, file); next = files[i + 1]) {
    files[i++] = next;
  }
  if (i > 0) files[i] = file;
}

/** Judges the next record of the file's block as its head; false where the block has no more. */
function step(file: ReplayFile, nowMs: number): boolean {
  const { lines, faults, first } = file.block;
  let index = file.index;
  while (index < lines.length) {
    const text = lines[index] as string; // index is below the length
    const fault = faults?.get(index) ?? '';
    if (text !== '' || fault !== '') {
      file.index = index + 1;
      judgeHead(file.lane, first + index, text, fault, nowMs);
      return true;
    }
    index++;
  }
  file.index = index;
  return false;
}

/**
 * Files merged into one sequence of records, the same for any batch size.
 *
 * A record's turn is the running maximum time of its file, itself included, so that files of
 * different topics advance together and a quarantined or late record stays where it stands in its
 * file.
 */
export class ReplaySource {
  readonly builder: BatchBuilder;
  readonly #topics: readonly TopicDefinition[];
  readonly #inputs: readonly ReplayInput[];
  readonly #options: ReplayOptions;
  /** Files with a head, in the order of their heads. */
  #files: ReplayFile[] = [];
  #isOpen = false;

  constructor(
    topics: readonly TopicDefinition[],
    inputs: readonly ReplayInput[],
    options: ReplayOptions,
  ) {
    const from = options.from ?? startPosition;
    this.builder = new BatchBuilder(topics, options.nowMs, options.settings, from);
    this.#topics = topics;
    this.#inputs = inputs;
    this.#options = options;
  }

  /** The next batch, or null at the end. Errors: `input-missing`, `input-unreadable`. */
  async next(): Promise<Batch | null> {
    if (!this.#isOpen) await this.#open();
    const { builder } = this;
    const { nowMs } = builder;
    for (let file = this.#files[0]; file !== undefined && !builder.isFull; file = this.#files[0]) {
      builder.append(file.lane);
      if (step(file, nowMs) || (await this.#refill(file))) sink(this.#files);
      else this.#end(file);
    }
    return builder.count === 0 ? null : builder.take();
  }

  async close(): Promise<void> {
    const files = this.#files.splice(0);
    await Promise.all(files.map((file) => file.blocks.return()));
  }

  /**
   * Opens every file before reading on from any, so that a missing one ends the run at its start.
   */
  async #open(): Promise<void> {
    this.#isOpen = true;
    for (const [rank, input] of this.#ranked().entries()) {
      const lane = this.builder.open(input.topicIndex, input.partition);
      const blocks = recordBlocks(input.path, lane.decoder.definition, {
        fromOffset: lane.cursor.offset,
        lineBytesMax: this.#options.lineBytesMax ?? lineBytesMaxDefault,
      });
      this.#files.push({ lane, rank, blocks, block: noLines, index: 0 });
    }
    for (const file of [...this.#files]) if (!(await this.#refill(file))) this.#end(file);
    this.#files.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #ranked(): readonly ReplayInput[] {
    const nameOf = (input: ReplayInput): string => {
      const topic = this.#topics[input.topicIndex];
      assert(topic !== undefined, `no topic has the index ${input.topicIndex}`);
      return `${topic.kind === 'table' ? 0 : 1} ${topic.topic}`;
    };
    return [...this.#inputs].sort((a, b) => {
      const [left, right] = [nameOf(a), nameOf(b)];
      return left === right ? a.partition - b.partition : left < right ? -1 : 1;
    });
  }

  /** Reads on until the file has a head again; false at its end. */
  async #refill(file: ReplayFile): Promise<boolean> {
    do {
      const { done, value } = await file.blocks.next();
      if (done === true) return false;
      file.block = value;
      file.index = 0;
    } while (!step(file, this.builder.nowMs));
    return true;
  }

  /** An ended file is idle, at once, so that ticks do not depend on where a batch ends. */
  #end(file: ReplayFile): void {
    this.#files.splice(this.#files.indexOf(file), 1);
    this.builder.setIdle(file.lane.topicIndex, file.lane.partition, true);
  }
}
