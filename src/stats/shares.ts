/** A number for each bin; the monitors keep them as Uint32Array. */
export type Counts = ArrayLike<number>;

export function total(counts: Counts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/** Bins with a count on either side. */
export function usedBins(reference: Counts, current: Counts): number {
  let used = 0;
  for (let i = 0; i < reference.length; i++) if (reference[i]! + current[i]! > 0) used++;
  return used;
}

/** Counts over their total; zeros where there is nothing to share. */
export function shares(counts: Counts): Float64Array {
  const sum = total(counts);
  const result = new Float64Array(counts.length);
  if (sum > 0) for (let i = 0; i < counts.length; i++) result[i] = counts[i]! / sum;
  return result;
}
