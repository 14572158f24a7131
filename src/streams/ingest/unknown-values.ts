/** Distinct values counted per field; what comes later is one number. */
const distinctMax = 100;
/** Longer values are counted without being kept. */
const lengthMax = 64;

/** How often a `oneOf` field of a topic held a value it does not name. */
export interface UnknownValues {
  readonly field: string;
  readonly counts: Map<string, number>;
  /** Those beyond the first 100 distinct values. */
  other: number;
}

/** Counts a value that its field does not name. */
export function countUnknown(unknown: UnknownValues, value: string): void {
  const count = unknown.counts.get(value);
  if (count !== undefined) unknown.counts.set(value, count + 1);
  else if (unknown.counts.size < distinctMax && value.length <= lengthMax) {
    unknown.counts.set(value, 1);
  } else unknown.other++;
}
