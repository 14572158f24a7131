/**
 * P(D_n <= d) by Durbin's matrix: the middle entry of `n!/n^n H^n`, H of order 2 ceil(nd) - 1
 * (Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", 2003). Time grows as
 * (nd)^3 log n; for small nd.
 */
export function kolmogorovDurbin(n: number, d: number): number {
  const nd = n * d;
  if (nd <= 0.5) return 0;
  const k = Math.ceil(nd);
  const size = 2 * k - 1;
  const middle = (k - 1) * size + (k - 1);
  let base: Float64Array = durbinMatrix(k, k - nd);
  let power: Float64Array = identity(size);
  let scratch: Float64Array = new Float64Array(size * size);
  let baseExponent = 0;
  let exponent = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      multiply(power, base, scratch, size);
      [power, scratch] = [scratch, power];
      exponent += baseExponent;
    }
    if (rest === 1) break;
    multiply(base, base, scratch, size);
    [base, scratch] = [scratch, base];
    baseExponent *= 2;
    if (base[middle]! > 2 ** 128) {
      for (let i = 0; i < base.length; i++) base[i]! *= 2 ** -128;
      baseExponent += 128;
    }
  }
  let p = power[middle]!;
  for (let i = 1; i <= n; i++) {
    p = (i * p) / n;
    if (p < 2 ** -128) {
      p *= 2 ** 128;
      exponent -= 128;
    }
  }
  // In two steps: 2^exponent alone may be out of range where the product is not.
  const half = Math.trunc(exponent / 2);
  return Math.min(1, p * 2 ** half * 2 ** (exponent - half));
}

function durbinMatrix(k: number, h: number): Float64Array {
  const size = 2 * k - 1;
  const matrix = new Float64Array(size * size);
  const inverseFactorial = new Float64Array(size + 1);
  inverseFactorial[0] = 1;
  for (let i = 1; i <= size; i++) inverseFactorial[i] = inverseFactorial[i - 1]! / i;
  for (let row = 0; row < size; row++) {
    for (let column = 1; column <= Math.min(row + 1, size - 1); column++) {
      matrix[row * size + column] = inverseFactorial[row - column + 1]!;
    }
  }
  for (let i = 0; i < size - 1; i++) {
    const value = (1 - h ** (i + 1)) * inverseFactorial[i + 1]!;
    matrix[i * size] = value;
    matrix[(size - 1) * size + (size - 1 - i)] = value;
  }
  const corner = 1 - 2 * h ** size + Math.max(2 * h - 1, 0) ** size;
  matrix[(size - 1) * size] = corner * inverseFactorial[size]!;
  return matrix;
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}

function multiply(a: Float64Array, b: Float64Array, out: Float64Array, size: number): void {
  out.fill(0);
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = a[row * size + inner]!;
      if (factor === 0) continue;
      const from = inner * size;
      const to = row * size;
      for (let column = 0; column < size; column++) {
        out[to + column]! += factor * b[from + column]!;
      }
    }
  }
}
