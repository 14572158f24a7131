/** Ranks from 1 on, tied values sharing the mean of theirs. NaN ranks last, each for itself. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  const at = (i: number): number => {
    const value = values[i]!;
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  order.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : a - b));
  const result = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && values[order[end]!] === values[order[i]!]) end++;
    for (let k = i; k < end; k++) result[order[k]!] = (i + 1 + end) / 2;
    i = end;
  }
  return result;
}
