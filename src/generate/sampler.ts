/** Draws an index by weight: maps a uniform number in [0, 1) to an index. */
export type Sampler = (unit: number) => number;

/** Inverts the cumulative weights through a guide table, O(1) on average (Chen and Asau 1974). */
export function createSampler(weights: readonly number[]): Sampler {
  const count = weights.length;
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += weights[i] ?? 0;
    cumulative[i] = sum;
  }
  const guide = new Int32Array(count);
  for (let slot = 0, index = 0; slot < count; slot++) {
    while (index < count - 1 && (cumulative[index] ?? 0) <= (slot / count) * sum) index++;
    guide[slot] = index;
  }
  return (unit) => {
    const target = unit * sum;
    let index = guide[Math.floor(unit * count)] ?? 0;
    while (index < count - 1 && (cumulative[index] ?? 0) <= target) index++;
    return index;
  };
}
