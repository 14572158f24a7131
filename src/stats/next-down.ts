const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The largest double below x; -Infinity below the least finite one. */
export function nextDown(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  double[0] = x;
  bits[0] = bits[0]! + (x > 0 ? -1n : 1n);
  return double[0];
}
