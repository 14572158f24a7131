/**
 * P(D_n <= d) by Pomeranz's recursion (Communications of the ACM 17 (1974) 703; as Simard and
 * L'Ecuyer, 2011, section 2.2, write it). Time grows as n (nd)^2; for n up to 500, beyond which
 * its powers underflow.
 */
export function kolmogorovPomeranz(n: number, d: number): number {
  const t = n * d;
  const whole = Math.floor(t);
  const part = t - whole;
  const gap = Math.min(part, 1 - part);
  const ends = rowEnds(n, whole, part);
  const width = 2 * whole + 2;
  const narrow = powers(gap / n, width);
  const odd = powers((2 * gap) / n, width);
  const even = powers((1 - 2 * gap) / n, width);
  // Row i holds columns ends(i).first .. ends(i).last; only two rows live at a time.
  let above = new Float64Array(n + 2);
  let row = new Float64Array(n + 2);
  row[0] = 1;
  let first = Math.max(ends(0).first, 0);
  let last = ends(0).last;
  let exponent = 0;
  for (let i = 1; i <= 2 * n + 1; i++) {
    [above, row] = [row, above];
    row.fill(0);
    const aboveFirst = first;
    const aboveLast = last;
    ({ first, last } = ends(i));
    const weights = i === 1 || i === 2 * n + 1 ? narrow : i % 2 === 1 ? odd : even;
    let largest = 0;
    for (let j = first; j <= last; j++) {
      let sum = 0;
      for (let k = Math.min(j, aboveLast); k >= aboveFirst; k--) {
        sum += above[k]! * (weights[j - k] ?? 0);
      }
      row[j] = sum;
      if (sum > largest) largest = sum;
    }
    if (largest > 0 && largest < 2 ** -128) {
      for (let j = first; j <= last; j++) row[j]! *= 2 ** 128;
      exponent -= 128;
    }
  }
  let p = row[n]!;
  for (let i = 1; i <= n; i++) {
    if (p > 2 ** 128) {
      p *= 2 ** -128;
      exponent += 128;
    }
    p *= i;
  }
  return Math.min(1, p * 2 ** exponent);
}

/** `x^m / m!` for m below `count`. */
function powers(x: number, count: number): Float64Array {
  const result = new Float64Array(count);
  result[0] = 1;
  for (let m = 1; m < count; m++) result[m] = (result[m - 1]! * x) / m;
  return result;
}

interface Ends {
  readonly first: number;
  readonly last: number;
}

/** The columns of row i that can be non-zero: those between the band's two boundaries. */
function rowEnds(n: number, whole: number, part: number): (i: number) => Ends {
  const up = part > 0 ? 1 : 0;
  const round = part > 0.5 ? 1 : 0;
  return (i) => {
    let low: number;
    let high: number;
    if (i === 0) {
      low = -whole - up - 1;
      high = whole + up - 1;
    } else if (i === 2 * n + 1) {
      low = n - whole - up - 1;
      high = n + whole + up - 1;
    } else {
      const half = Math.floor((i + 1) / 2);
      const isOdd = i % 2 === 1;
      low = half - 1 - whole - 1 - (isOdd ? round : 0);
      high = half - 1 + whole + (isOdd ? up - 1 : round);
    }
    return { first: Math.max(low + 2, 0), last: Math.min(high, n) };
  };
}
