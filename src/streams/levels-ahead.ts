import type { Reference } from '../monitors/reference.js';
import type { ReferenceSwitch } from '../monitors/reference-switch.js';
import { type Prepared, prepareLevel, prepareLevelInTurns } from '../monitors/significance.js';

/** What a running monitor is held against by now, and what takes its place. */
export interface Followed extends Prepared {
  readonly switches: readonly ReferenceSwitch[];
}

/** Simulated at a stretch, ms: a score is due within 50. */
const turnMs = 5;

/**
 * Simulates the levels that monitors will need, so that no period waits for it: of the references
 * they start with at once, of those that are switched to or captured later beside the stream, a few
 * ms at a time. A period that ends before its level is there simulates the same one itself: levels
 * do not depend on when they are simulated.
 */
export class LevelsAhead {
  /** By monitor: what was last simulated for. */
  readonly #newest: (Reference | null)[] = [];
  /** By monitor: what is still to be simulated, none or one each. */
  readonly #turns: (Generator<undefined, void> | null)[] = [];
  #next: NodeJS.Immediate | null = null;

  /** Simulates before it returns. */
  prepare(monitors: readonly Followed[]): void {
    for (const [i, monitor] of monitors.entries()) {
      this.#newest[i] = newestOf(monitor);
      prepareLevel(preparedOf(monitor));
    }
  }

  /** Simulates for what is new, from the next turn of the event loop on; for the same monitors. */
  follow(monitors: readonly Followed[]): void {
    for (const [i, monitor] of monitors.entries()) {
      const reference = newestOf(monitor);
      if (this.#newest[i] === reference) continue;
      this.#newest[i] = reference;
      this.#turns[i] = prepareLevelInTurns(preparedOf(monitor));
      this.#next ??= setImmediate(() => this.#turn());
    }
  }

  stop(): void {
    if (this.#next !== null) clearImmediate(this.#next);
    this.#next = null;
    this.#turns.length = 0;
  }

  #turn(): void {
    this.#next = null;
    const i = this.#turns.findIndex((one) => one);
    if (i < 0) return;
    const untilMs = performance.now() + turnMs;
    while (performance.now() < untilMs) {
      if (this.#turns[i]!.next().done !== true) continue;
      this.#turns[i] = null;
      break;
    }
    this.#next = setImmediate(() => this.#turn());
  }
}

function preparedOf(monitor: Followed): Prepared {
  const { definition, features } = monitor;
  return { definition, features, reference: newestOf(monitor) };
}

function newestOf({ reference, switches }: Followed): Reference | null {
  return switches.at(-1)?.reference ?? reference;
}
