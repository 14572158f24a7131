import type { TestName } from './report.js';

export interface MonitorSettings {
  readonly reference: string;
  readonly input: string;
  /** Null: all columns that the files share. */
  readonly columns: readonly string[] | null;
  /** Null: those that suit the mode. */
  readonly tests: readonly TestName[] | null;
  readonly time: string | null;
  /** Rows; null: the whole file is one window. */
  readonly window: number | null;
  readonly slide: number | null;
  /** Chance of any alarm over all columns and `looks` windows where nothing drifts. */
  readonly alpha: number;
  /** Null: as many as the number of columns allows. */
  readonly looks: number | null;
  /** Bytes of cells that are held at once. */
  readonly memoryBytes: number;
  readonly progress: ((what: string, share: number) => void) | null;
}
