const sweepsMax = 50;

/**
 * Eigenvalues of a symmetric matrix, rows one after the other, in descending order: cyclic Jacobi
 * rotations (Golub and Van Loan, "Matrix Computations", 8.5). The matrix is not changed. About
 * 0.1 s for 128 by 128.
 */
export function symmetricEigenvalues(matrix: ArrayLike<number>, size: number): Float64Array {
  const a = Float64Array.from(matrix);
  const all = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < sweepsMax; sweep++) {
    let beside = 0;
    for (let p = 0; p < size; p++) for (let q = 0; q < p; q++) beside += a[p * size + q]! ** 2;
    if (beside <= 1e-26 * all) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, size, p, q);
  }
  return Float64Array.from({ length: size }, (_, i) => a[i * size + i]!).sort((x, y) => y - x);
}

/** Turns rows and columns p and q so that what they share becomes 0. */
function rotate(a: Float64Array, size: number, p: number, q: number): void {
  const shared = a[p * size + q]!;
  if (shared === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * shared);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    const x = a[k * size + p]!;
    const y = a[k * size + q]!;
    a[k * size + p] = cosine * x - sine * y;
    a[k * size + q] = sine * x + cosine * y;
  }
  for (let k = 0; k < size; k++) {
    const x = a[p * size + k]!;
    const y = a[q * size + k]!;
    a[p * size + k] = cosine * x - sine * y;
    a[q * size + k] = sine * x + cosine * y;
  }
}
