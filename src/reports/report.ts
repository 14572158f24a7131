export type TestName =
  | 'psi'
  | 'ks'
  | 'rank-sum'
  | 'chi2'
  | 'js'
  | 'hellinger'
  | 'tv'
  | 'wasserstein'
  | 'nulls'
  | 'mmd';

export const testNames: readonly TestName[] = [
  'psi',
  'ks',
  'rank-sum',
  'chi2',
  'js',
  'hellinger',
  'tv',
  'wasserstein',
  'nulls',
  'mmd',
];

export type Verdict = 'ok' | 'warning' | 'drift' | 'insufficient-data' | 'no-reference';

/** What a cell of the `--time` column holds, as it is shown. */
export type Moment = string | number | null;

/** Rows of the input, from 0; `to` is not among them. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Of the first and the last row; absent without `--time`. */
  readonly fromTime?: Moment;
  readonly toTime?: Moment;
}

/** One test of one column over one window; null where the figure does not exist. */
export interface TestResult {
  /** `*` where it is about all numeric columns together. */
  readonly column: string;
  readonly test: TestName;
  readonly window: RowWindow;
  /** Values that took part. */
  readonly nReference: number;
  readonly nCurrent: number;
  readonly statistic: number | null;
  readonly pValue: number | null;
  readonly method: string;
  /** Size of the difference, in units of the test; larger is worse. */
  readonly effect: number | null;
  /** The statistic from which on it is significant at the level. */
  readonly critical: number | null;
  readonly verdict: Verdict;
  /** Why there is no figure or no alarm; '' where there is nothing to say. */
  readonly detail: string;
}

export interface Episode {
  readonly episode: number;
  /** In the order in which they drifted. */
  readonly columns: readonly string[];
  /** Rows read when it was found. */
  readonly opened: number;
  /** Rows read when it had recovered or another change took its place; null: still open. */
  readonly closed: number | null;
  readonly ended: 'recovered' | 'superseded' | null;
  readonly openedTime?: Moment;
  readonly closedTime?: Moment;
}

/** Why a column was not tested. */
export interface Untested {
  readonly column: string;
  readonly reason: string;
}

export interface Summary {
  readonly verdict: Verdict;
  readonly reference: string;
  readonly input: string;
  readonly rowsReference: number;
  readonly rowsInput: number;
  readonly brokenReference: number;
  readonly brokenInput: number;
  readonly columns: number;
  readonly drifted: readonly string[];
  readonly warned: readonly string[];
  readonly untested: readonly Untested[];
  readonly windows: number;
  readonly window: number | null;
  readonly slide: number | null;
  readonly episodes: number;
  readonly open: number;
  /** Level of a test of any column, and the chance of any alarm that it stands for. */
  readonly level: number;
  readonly alpha: number;
  readonly looks: number;
}

/** Where results go as they come: nothing is kept but what a report shows. */
export interface ReportSink {
  /** Distributions of columns; called once or for each column, before the end. */
  pictures(columns: readonly ColumnPicture[]): void;
  result(result: TestResult): void;
  /** Called between windows: a writer that is full makes the reader wait. */
  drain(): Promise<void>;
  end(episodes: readonly Episode[], summary: Summary): Promise<void>;
}

/** A column's distribution in a few bars; filled as the input is read. */
export interface ColumnPicture {
  readonly column: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly reference: ArrayLike<number>;
  readonly current: ArrayLike<number>;
}
