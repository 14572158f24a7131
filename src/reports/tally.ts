import type { BrokenRows } from '../datasets/table.js';
import type { MonitorSettings } from './monitor-settings.js';
import type { Episode, Summary, TestResult, Untested, Verdict } from './report.js';
import { graver } from './verdict.js';

interface Read {
  readonly rows: number;
  readonly broken: BrokenRows;
}

/** Adds up the verdicts of a report into its summary. */
export class Tally {
  readonly untested: Untested[];
  windows: number;
  readonly #settings: MonitorSettings;
  readonly #read: { readonly reference: Read; input: Read };
  readonly #level: number;
  readonly #verdicts = new Map<string, Verdict>();
  /** Why there is no verdict, by column: what its first line says. */
  readonly #details = new Map<string, string>();

  constructor(
    settings: MonitorSettings,
    read: { readonly reference: Read; readonly input: Read },
    start: { level: number; windows: number; untested: readonly Untested[] },
  ) {
    this.#settings = settings;
    this.#read = read;
    this.#level = start.level;
    this.windows = start.windows;
    this.untested = [...start.untested];
  }

  add({ column, verdict, detail }: TestResult): void {
    if (!this.#details.has(column)) this.#details.set(column, detail);
    this.#verdicts.set(column, graver(this.#verdicts.get(column) ?? verdict, verdict));
  }

  /** With windows drift is what an episode says; over whole files what a test says. */
  summary(episodes: readonly Episode[]): Summary {
    const { window } = this.#settings;
    const having = (verdict: Verdict) =>
      [...this.#verdicts].filter(([, found]) => found === verdict).map(([column]) => column);
    const inEpisodes = [...new Set(episodes.flatMap(({ columns }) => columns))];
    const drifted = window === null ? having('drift') : inEpisodes;
    const warned =
      window === null
        ? having('warning')
        : [...having('drift'), ...having('warning')].filter((one) => !drifted.includes(one));
    const known = new Set(this.untested.map(({ column }) => column));
    const silent = having('insufficient-data')
      .filter((column) => !known.has(column))
      .map((column) => ({ column, reason: this.#details.get(column)! }));
    let verdict: Verdict = 'ok';
    if (drifted.length > 0) verdict = 'drift';
    else if (warned.length > 0) verdict = 'warning';
    else if (having('ok').length === 0) verdict = 'insufficient-data';
    return {
      verdict,
      reference: this.#settings.reference,
      input: this.#settings.input,
      rowsReference: this.#read.reference.rows,
      rowsInput: this.#read.input.rows,
      brokenReference: this.#read.reference.broken.count,
      brokenInput: this.#read.input.broken.count,
      columns: this.#verdicts.size,
      drifted,
      warned,
      untested: [...this.untested, ...silent],
      windows: this.windows,
      window,
      slide: this.#settings.slide,
      episodes: episodes.length,
      open: episodes.filter(({ closed }) => closed === null).length,
      level: this.#level,
      alpha: this.#settings.alpha,
      looks: window === null ? 1 : (this.#settings.looks ?? 1),
    };
  }
}
