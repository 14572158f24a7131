/**
 * Code of one part of an aggregate's state. The state of a key and of each of its panes are records
 * in flat arrays of the same layout; an accumulator owns some slots of the record and says, in
 * JavaScript, how an event is added and how a pane that leaves is taken out again.
 */
export interface Accumulator {
  /** Accumulators of one window with the same id share their slots. */
  readonly id: string;
  readonly ints: number;
  readonly floats: number;
  /** Float slots of the key's record alone, after those above; 0 by default. */
  readonly keyFloats?: number;
  /** Value of the float slots of a fresh record; 0 by default. */
  readonly initial?: number;
  /** Statement that adds the event; `x` and `when` name hoisted constants of the event. */
  readonly add: (to: Record) => string;
  /** How a pane that leaves is taken out of the key's total. */
  readonly leave:
    | {
        readonly by: 'subtraction';
        readonly code: (total: Record, pane: Record) => string;
        /** Where `spoiled` afterwards, the total is reset and all panes that stay are folded in. */
        readonly again?: {
          readonly spoiled: (total: Record) => string;
          readonly fold: (total: Record, pane: Record) => string;
        };
      }
    /**
     * Does not subtract: where `needed`, the total is reset and all panes that stay are folded in.
     */
    | {
        readonly by: 'remerge';
        readonly needed: (total: Record, pane: Record) => string;
        readonly fold: (total: Record, pane: Record) => string;
      };
}

/** Names the slots of a record in generated code. */
export interface Record {
  readonly int: (slot: number) => string;
  readonly float: (slot: number) => string;
}

/** Events where `when` holds. */
export function count(when: string): Accumulator {
  return {
    id: `count ${when}`,
    ints: 1,
    floats: 0,
    add: (to) => (when === 'true' ? `${to.int(0)}++;` : `if (${when}) ${to.int(0)}++;`),
    leave: {
      by: 'subtraction',
      code: (total, pane) => `${total.int(0)} -= ${pane.int(0)};`,
    },
  };
}

/**
 * Adds the number `x` to a compensated sum (two-sum, Knuth): error-free but for the small part's
 * own rounding.
 */
function addTo(to: Record, x: string): string {
  return `{ const h = ${to.float(0)}, s = h + ${x}, b = s - h; ${to.float(0)} = s; ${to.float(1)} += (h - (s - b)) + (${x} - b); }`;
}

const subtractSum = (total: Record, pane: Record): string =>
  `{ const p = -${pane.float(0)}; ${addTo(total, 'p')} ${total.float(1)} -= ${pane.float(1)}; }`;

const foldSum = (total: Record, pane: Record): string =>
  `${addTo(total, pane.float(0))} ${total.float(1)} += ${pane.float(1)};`;

/** Σx in double-double, so that subtracting a pane later leaves no residue. */
export function sum(x: string, when: string): Accumulator {
  return {
    id: `sum ${x} ${when}`,
    ints: 0,
    floats: 2,
    add: (to) => `if (${when}) ${addTo(to, x)}`,
    leave: {
      by: 'subtraction',
      code: subtractSum,
      // Beyond the largest double it is infinite or NaN, and would stay so.
      again: {
        spoiled: (total) => `!(${total.float(1)} - ${total.float(1)} === 0)`,
        fold: foldSum,
      },
    },
  };
}

/** What is left of a total of squares once it has fallen so far is folded anew: 2^-30. */
const fallen = 2 ** -30;

/**
 * Σx² in double-double; the square is exact (two-product, Dekker 1971). Two doubles hold 32 digits:
 * one value of 1e12 that left would still be seen among values of 1e-3, so the slot after them
 * keeps the largest total since the last folding.
 */
export function sumOfSquares(x: string, when: string): Accumulator {
  const square = `const c = 134217729 * ${x}, a = c - (c - ${x}), l = ${x} - a, q = ${x} * ${x};`;
  return {
    id: `squares ${x} ${when}`,
    ints: 0,
    floats: 2,
    keyFloats: 1,
    add: (to) =>
      `if (${when}) { ${square} ${addTo(to, 'q')} ${to.float(1)} += ((a * a - q) + 2 * a * l) + l * l; }`,
    leave: {
      by: 'subtraction',
      code: (total, pane) =>
        `if (${total.float(0)} > ${total.float(2)}) ${total.float(2)} = ${total.float(0)}; ${subtractSum(total, pane)}`,
      again: {
        spoiled: (total) => `!(${total.float(0)} >= ${total.float(2)} * ${fallen})`,
        fold: foldSum,
      },
    },
  };
}

/** Largest (`sign` '>') or smallest ('<') value; re-merged when the pane that holds it leaves. */
export function extreme(sign: '<' | '>', x: string, when: string): Accumulator {
  const fold = (to: Record, value: string): string =>
    `if (${value} ${sign} ${to.float(0)}) ${to.float(0)} = ${value};`;
  return {
    id: `extreme ${sign} ${x} ${when}`,
    ints: 0,
    floats: 1,
    initial: sign === '>' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    add: (to) => `if (${when}) ${fold(to, x)}`,
    leave: {
      by: 'remerge',
      needed: (total, pane) => `${pane.float(0)} === ${total.float(0)}`,
      fold: (total, pane) => fold(total, pane.float(0)),
    },
  };
}

/** Counts of the whole numbers `from … from + size − 1`. */
export function histogram(x: string, when: string, from: number, size: number): Accumulator {
  const slots = Array.from({ length: size }, (_, i) => i);
  const slotCode = (to: Record): string => to.int(0).replace(/\]$/, ' + j]');
  return {
    id: `histogram ${x} ${when} ${from} ${size}`,
    ints: size,
    floats: 0,
    add: (to) =>
      `if (${when}) { const j = ${x} - ${from}; if (j >= 0 && j < ${size} && j === Math.floor(j)) ${slotCode(to)}++; }`,
    leave: {
      by: 'subtraction',
      code: (total, pane) => slots.map((j) => `${total.int(j)} -= ${pane.int(j)};`).join(' '),
    },
  };
}

/**
 * Σ(x − mean)² from Σx and Σx² in double-double, without the cancellation of the plain formula.
 * @param n number of values, at least 1
 */
export function squaredDeviations(
  n: number,
  sum: number,
  sumLow: number,
  squares: number,
  squaresLow: number,
): number {
  // Where large values have left, the low part may be the larger one.
  const s = sum + sumLow;
  const sLow = lowPart(sum, sumLow, s);
  const q = squares + squaresLow;
  const qLow = lowPart(squares, squaresLow, q);
  const c = 134_217_729 * s;
  const a = c - (c - s);
  const l = s - a;
  const p = s * s;
  const pLow = a * a - p + 2 * a * l + l * l + 2 * s * sLow;
  const d = p / n;
  const rest = remainder(p, d, n) + pLow;
  return Math.max(0, q - d + (qLow - rest / n));
}

/** What the rounded sum s = a + b lacks (two-sum, Knuth). */
function lowPart(a: number, b: number, s: number): number {
  const part = s - a;
  return a - (s - part) + (b - part);
}

/** p − d·n, exactly but for one rounding. */
function remainder(p: number, d: number, n: number): number {
  const c = 134_217_729 * d;
  const a = c - (c - d);
  const l = d - a;
  const e = 134_217_729 * n;
  const b = e - (e - n);
  const m = n - b;
  const product = d * n;
  const low = a * b - product + a * m + l * b + l * m;
  return p - product - low;
}
