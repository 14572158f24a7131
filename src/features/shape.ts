/** What a feature's value is, as stored and as written in JSON. */
export type FeatureType =
  /** A finite number. */
  | 'number'
  /** A whole number. */
  | 'integer'
  /** A text. */
  | 'text'
  /** Milliseconds since 1970 in memory, ISO 8601 in UTC with milliseconds in JSON. */
  | 'time'
  /** A list of whole numbers of fixed length, such as counts per hour. */
  | 'integers'
  /** `[[text, count], …]`, most frequent first. */
  | 'counts';

export interface FeatureShape {
  readonly name: string;
  readonly type: FeatureType;
  /** Length of `integers`. */
  readonly length?: number;
  /** One sentence for comments and documentation, derived from the definition. */
  readonly comment: string;
}

/** What everyone after the feature task needs to know of a view: its public columns, in order. */
export interface ViewShape {
  readonly name: string;
  /** Column of the source that is the key. */
  readonly key: string;
  readonly features: readonly FeatureShape[];
  /** Stable hash of the definition, 16 hex digits. */
  readonly hash: string;
}

/** A feature's value in memory; null where there is none. */
export type FeatureValue =
  | number
  | string
  | readonly number[]
  | readonly (readonly [string, number])[]
  | null;
