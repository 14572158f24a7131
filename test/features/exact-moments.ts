// Moments of doubles by whole numbers without bound, rounded once at the end.

const bits = 200;

/** x · 2^200, exactly; x is 0 or at least 1e-40 in size. */
function whole(x: number): bigint {
  return BigInt(x * 2 ** bits);
}

/** n / (d · 2^shift) as the nearest double but for an ulp. */
function toNumber(n: bigint, d: bigint, shift: number): number {
  const sign = n < 0n ? -1 : 1;
  const scaled = ((n < 0n ? -n : n) << 120n) / d;
  const length = scaled.toString(2).length;
  const drop = Math.max(0, length - 64);
  return sign * Number(scaled >> BigInt(drop)) * 2 ** (drop - 120 - shift);
}

export function exactSum(values: readonly number[]): number {
  return toNumber(
    values.reduce((sum, x) => sum + whole(x), 0n),
    1n,
    bits,
  );
}

export function exactMean(values: readonly number[]): number {
  const sum = values.reduce((total, x) => total + whole(x), 0n);
  return toNumber(sum, BigInt(values.length), bits);
}

/** Σ(x − mean)² / (n − freedom) = (nΣx² − (Σx)²) / (n(n − freedom)). */
export function exactVariance(values: readonly number[], freedom: 0 | 1): number {
  const n = BigInt(values.length);
  const wholes = values.map(whole);
  const sum = wholes.reduce((a, b) => a + b, 0n);
  const squares = wholes.reduce((total, x) => total + x * x, 0n);
  return toNumber(n * squares - sum * sum, n * (n - BigInt(freedom)), 2 * bits);
}
