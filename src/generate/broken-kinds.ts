/** The ways in which a record can be broken; ingest refuses every one of them. */
export const brokenKinds = [
  'broken-line',
  'missing-key',
  'rating-range',
  'coordinate-range',
  'key-beyond-2^53',
  'time-without-zone',
  'time-in-seconds',
  'time-far-ahead',
] as const;

export type BrokenKind = (typeof brokenKinds)[number];
