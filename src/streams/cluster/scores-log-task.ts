import { scoresGroup } from '../../monitors/binning.js';
import type { MonitorClosing, Monitored } from '../../operators/monitor-plan.js';
import { MonitorSamplers } from '../../operators/monitor-samplers.js';
import type { Score } from '../../records/score.js';
import type { Position } from '../../records/vector.js';
import type { ClickhouseSink } from '../../sinks/clickhouse/sink.js';
import type { LogMessage, LogTask } from './log-task.js';
import type { ScoreRecord, TaskOutput } from './scoring-output.js';

export interface ScoresLogSettings {
  readonly monitors: readonly Monitored[];
  readonly partition: number;
  /** A message's score; null where it holds none, which is counted and passed over. */
  readonly decode: (message: LogMessage) => Promise<ScoreRecord | null> | ScoreRecord | null;
  /** Null where nothing is written there. */
  readonly sink: Pick<ClickhouseSink, 'scores' | 'settle'> | null;
  /** The monitor log. */
  readonly monitor: TaskOutput<MonitorClosing>;
}

/**
 * One partition of the topic `scores`: the first record of a position counts, goes to ClickHouse
 * and is sampled for the monitors of its model; periods close by the watermarks that records carry.
 *
 * Use: `new ScoresLogTask({ monitors: monitorsOf(…), partition, decode, sink, monitor })`; `decode`
 * reads the value as JSON or Avro and the header `weir-watermark`.
 */
export class ScoresLogTask implements LogTask {
  /** Records of a position that was there before. */
  repeated = 0;
  undecodable = 0;
  readonly #settings: ScoresLogSettings;
  readonly #samplers: MonitorSamplers;
  /** By model: the position taken last. */
  readonly #marks = new Map<string, Position>();
  #room: Promise<void> = Promise.resolve();

  constructor(settings: ScoresLogSettings) {
    this.#settings = settings;
    this.#samplers = new MonitorSamplers(settings.monitors, [scoresGroup], settings.partition);
  }

  get unsampled(): MonitorSamplers['unsampled'] {
    return this.#samplers.unsampled;
  }

  async take(messages: readonly LogMessage[], _atEnd: boolean): Promise<void> {
    const { decode, monitor, sink } = this.#settings;
    const records: (ScoreRecord | null)[] = [];
    for (const message of messages) records.push(await decode(message)); // all, or none is taken
    const fresh: Score[] = [];
    const closings: MonitorClosing[] = [];
    for (const record of records) {
      if (record === null) {
        this.undecodable++;
        continue;
      }
      const { score, watermarkMs, told = null } = record;
      if (watermarkMs !== null) closings.push(...this.#samplers.advance(score.model, watermarkMs));
      if (told?.kind === 'reference') this.#samplers.use(told);
      if (!this.#isNew(score)) {
        this.repeated++;
        continue;
      }
      this.#samplers.score(score);
      fresh.push(score);
    }
    if (closings.length > 0) monitor.write(closings);
    if (sink !== null && fresh.length > 0) {
      this.#room = sink.scores(fresh);
      this.#room.catch(() => undefined); // `ready` tells of it
    }
  }

  async ready(): Promise<void> {
    await this.#room;
    await this.#settings.monitor.ready();
  }

  async flush(): Promise<void> {
    await this.#settings.sink?.settle();
    await this.#settings.monitor.flush();
  }

  async close(): Promise<void> {
    // It holds nothing of its own.
  }

  dump(): Map<string, readonly Uint8Array[]> {
    const { repeated, undecodable } = this;
    const head: Head = { repeated, undecodable, marks: [...this.#marks] };
    return new Map([
      ['scores', [new TextEncoder().encode(JSON.stringify(head))]],
      ['samplers', [this.#samplers.dump()]],
    ]);
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    const head: Head = JSON.parse(new TextDecoder().decode(parts.get('scores')));
    this.repeated = head.repeated;
    this.undecodable = head.undecodable;
    for (const [model, position] of head.marks) this.#marks.set(model, position);
    this.#samplers.restore(parts.get('samplers')!);
  }

  #isNew({ model, position }: Score): boolean {
    const mark = this.#marks.get(model);
    const { epoch, n } = position;
    if (mark !== undefined && (epoch < mark.epoch || (epoch === mark.epoch && n <= mark.n)))
      return false;
    this.#marks.set(model, position);
    return true;
  }
}

interface Head {
  readonly repeated: number;
  readonly undecodable: number;
  readonly marks: readonly (readonly [model: string, position: Position])[];
}
