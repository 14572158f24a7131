import type { Batch, Tick } from '../../records/batch.js';
import { type BatchFacts, cursorOf } from './frame-message.js';

const minuteMs = 60_000;

/** Where one source partition stands, as its frames told. */
interface Lane {
  /** Whole minute that its maximum less the disorder has passed; -Infinity before the first. */
  tickMs: number;
  idle: boolean;
  /** Whether the source had more when it last told. */
  behind: boolean;
  /** The ingest's clock when it last told, ms. */
  clockMs: number;
}

/**
 * The watermark of each event topic from the frames of all its source partitions, whoever ingests
 * them: a minimum over those that are not idle; where all are, the clock that the idle ones told.
 * A function of the log alone.
 */
export class LaneWatermarks {
  readonly #disorderMs: number;
  /** By topic, by source partition. */
  readonly #lanes = new Map<string, Lane[]>();
  /** By topic: the last tick given. */
  readonly #ticksMs = new Map<string, number>();

  constructor(disorderMs: number) {
    this.#disorderMs = disorderMs;
  }

  /** The ticks of a frame's batch as they hold for the topic, not for its one source partition. */
  take(batch: Batch, facts: BatchFacts): Tick[] {
    for (const [topic, count] of Object.entries(facts.lanes)) this.#know(topic, count);
    const { topic, partition, idle } = cursorOf(batch);
    const lanes = this.#lanes.get(topic);
    if (lanes === undefined) return []; // a table moves no watermark
    this.#know(topic, partition + 1); // it was added since the ingest began
    const ticks: Tick[] = [];
    const lane = lanes[partition]!;
    if (batch.count > 0) lane.idle = false;
    for (const { index, watermarkMs } of batch.ticks) {
      if (watermarkMs > lane.tickMs) lane.tickMs = watermarkMs;
      this.#rise(topic, lanes, index, ticks);
    }
    lane.idle = idle;
    lane.behind = facts.behind;
    if (facts.clockMs > lane.clockMs) lane.clockMs = facts.clockMs;
    this.#rise(topic, lanes, batch.count, ticks);
    return ticks;
  }

  /** Whether every source partition had told its end: what follows from time alone is due. */
  get caughtUp(): boolean {
    for (const lanes of this.#lanes.values()) {
      for (const { behind, idle } of lanes) if (behind && !idle) return false;
    }
    return this.#lanes.size > 0;
  }

  /** The source partition that holds the topic's watermark; null where all are idle. */
  holder(topic: string): number | null {
    const lanes = this.#lanes.get(topic) ?? [];
    const active = lanes.map((lane, i) => ({ ...lane, i })).filter((lane) => !lane.idle);
    active.sort((a, b) => a.tickMs - b.tickMs);
    return active[0]?.i ?? null;
  }

  dump(): LaneSnapshot {
    return {
      lanes: [...this.#lanes].map(([topic, lanes]) => [topic, lanes.map(kept)]),
      ticksMs: [...this.#ticksMs],
    };
  }

  restore({ lanes, ticksMs }: LaneSnapshot): void {
    this.#lanes.clear();
    for (const [topic, list] of lanes) {
      const told = ([tickMs, idle, behind, clockMs]: KeptLane): Lane => ({
        tickMs: tickMs ?? Number.NEGATIVE_INFINITY,
        idle,
        behind,
        clockMs,
      });
      this.#lanes.set(topic, list.map(told));
    }
    this.#ticksMs.clear();
    for (const [topic, tickMs] of ticksMs) this.#ticksMs.set(topic, tickMs);
  }

  #know(topic: string, count: number): void {
    const lanes = this.#lanes.get(topic) ?? [];
    this.#lanes.set(topic, lanes);
    while (lanes.length < count)
      lanes.push({ tickMs: Number.NEGATIVE_INFINITY, idle: false, behind: true, clockMs: 0 });
  }

  #rise(topic: string, lanes: readonly Lane[], index: number, ticks: Tick[]): void {
    const watermarkMs = this.#minimum(lanes);
    if (!(watermarkMs > (this.#ticksMs.get(topic) ?? Number.NEGATIVE_INFINITY))) return;
    this.#ticksMs.set(topic, watermarkMs);
    ticks.push({ index, topic, watermarkMs });
  }

  #minimum(lanes: readonly Lane[]): number {
    let active = Number.POSITIVE_INFINITY;
    let clock = Number.POSITIVE_INFINITY;
    for (const { tickMs, idle, clockMs } of lanes) {
      if (!idle && tickMs < active) active = tickMs;
      if (clockMs < clock) clock = clockMs;
    }
    if (active !== Number.POSITIVE_INFINITY) return active;
    if (lanes.some((lane) => !lane.idle)) return Number.NEGATIVE_INFINITY;
    return Math.floor((clock - this.#disorderMs) / minuteMs) * minuteMs;
  }
}

type KeptLane = readonly [tickMs: number | null, idle: boolean, behind: boolean, clockMs: number];

export interface LaneSnapshot {
  readonly lanes: readonly (readonly [topic: string, lanes: readonly KeptLane[]])[];
  readonly ticksMs: readonly (readonly [topic: string, tickMs: number])[];
}

function kept({ tickMs, idle, behind, clockMs }: Lane): KeptLane {
  return [Number.isFinite(tickMs) ? tickMs : null, idle, behind, clockMs];
}
