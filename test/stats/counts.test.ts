import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chiSquareHomogeneity } from '../../src/stats/chi-square-homogeneity.js';
import { fisherExact } from '../../src/stats/fisher-exact.js';
import { hellinger } from '../../src/stats/hellinger.js';
import { jensenShannonDistance, jensenShannonDivergence } from '../../src/stats/jensen-shannon.js';
import { klDivergence } from '../../src/stats/kl-divergence.js';
import { psi } from '../../src/stats/psi.js';
import { totalVariation } from '../../src/stats/total-variation.js';
import { wassersteinAtEdges } from '../../src/stats/wasserstein-at-edges.js';
import { assertRelative, readGolden } from './golden.js';

interface Case {
  reference: number[];
  current: number[];
  psi: number;
  psiNullMean: number;
  psiCritical: number;
  psiPValue: number;
  jensenShannon: number;
  hellinger: number;
  totalVariation: number;
  kl: number;
  chiSquare?: [statistic: number, df: number, p: number];
  gTest?: [statistic: number, df: number, p: number];
}
const golden = readGolden<{
  cases: Case[];
  wasserstein: { edges: number[]; reference: number[]; current: number[]; value: number }[];
  fisher: [number, number, number, number, number][];
}>('counts.json');

function assertClose(actual: number, expected: number, what: string) {
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual}, expected ${expected}`);
}

const counts = fc.array(fc.oneof(fc.nat(500), fc.constant(0)), { minLength: 1, maxLength: 30 });
const pair = counts.chain((r) =>
  fc.tuple(fc.constant(r), fc.array(fc.nat(500), { minLength: r.length, maxLength: r.length })),
);

test('PSI and the divergences are within 1e-12 of numpy and scipy', () => {
  for (const [i, c] of golden.cases.entries()) {
    assertClose(psi(c.reference, c.current).value, c.psi, `psi ${i}`);
    assertClose(jensenShannonDistance(c.reference, c.current), c.jensenShannon, `js ${i}`);
    assertClose(hellinger(c.reference, c.current), c.hellinger, `hellinger ${i}`);
    assertClose(totalVariation(c.reference, c.current), c.totalVariation, `tv ${i}`);
    assertClose(klDivergence(c.reference, c.current), c.kl, `kl ${i}`);
  }
});

test('PSI comes with its null mean, critical value and p-value', () => {
  for (const [i, c] of golden.cases.entries()) {
    const result = psi(c.reference, c.current);
    assertClose(result.nullMean, c.psiNullMean, `null mean ${i}`);
    assertClose(result.corrected, c.psi - c.psiNullMean, `corrected ${i}`);
    assertClose(result.critical, c.psiCritical, `critical ${i}`);
    if (c.psiPValue > 1e-300) assertRelative(result.pValue, c.psiPValue, 1e-9, `p ${i}`);
  }
});

test('the chi-square of homogeneity is that of scipy where no count is small', () => {
  const compared = golden.cases.filter((c) => c.chiSquare !== undefined);
  assert.ok(compared.length >= 10);
  for (const c of compared) {
    const [statistic, df, p] = c.chiSquare!;
    const result = chiSquareHomogeneity(c.reference, c.current);
    assertRelative(result.statistic, statistic, 1e-11, 'statistic');
    assert.equal(result.df, df);
    assert.equal(result.method, 'chi-square');
    if (p > 1e-300) assertRelative(result.pValue, p, 1e-9, 'p');
  }
});

test('the log-likelihood of homogeneity is that of scipy over Williams’ correction', () => {
  const compared = golden.cases.filter((c) => c.gTest !== undefined);
  assert.ok(compared.length >= 10);
  for (const { reference, current, gTest } of compared) {
    const [statistic, df] = gTest!;
    const result = chiSquareHomogeneity(reference, current, 'log-likelihood');
    const sums = reference.map((r, i) => r + current[i]!).filter((sum) => sum > 0);
    const [n, m] = [reference, current].map((row) => row.reduce((a, b) => a + b, 0));
    const all = n! + m!;
    // Sokal and Rohlf, Biometry, box 17.8: rows and columns alike.
    const rows = all / n! + all / m! - 1;
    const columns = all * sums.reduce((sum, one) => sum + 1 / one, 0) - 1;
    const correction = 1 + (rows * columns) / (6 * all * df);
    assertRelative(result.statistic, statistic / correction, 1e-9, 'statistic');
    assert.equal(result.df, df);
    assert.equal(result.method, 'g-test');
  }
});

test('counts that are divided stand for as many fewer rows', () => {
  const divided = (counts: readonly number[]) => counts.map((count) => count / 4);
  const [r, c] = [
    [4000, 2000, 800, 0],
    [400, 220, 60, 0],
  ];
  const all = chiSquareHomogeneity(r!, c!);
  const quarter = chiSquareHomogeneity(divided(r!), divided(c!));
  assertRelative(quarter.statistic, all.statistic / 4, 1e-12, 'statistic');
  const rare = chiSquareHomogeneity([999, 1], [95, 5]);
  const rarer = chiSquareHomogeneity(divided([3996, 4]), divided([380, 20]));
  assert.equal(rarer.method, 'chi-square+fisher');
  assertRelative(rarer.pValue, rare.pValue, 1e-12, 'p');
});

test('small expected counts are pooled in their order', () => {
  // Expected counts 6, 0.6, 0.8, 4.6 | 60 in each row; the second to the fourth make one column of
  // 12.
  const result = chiSquareHomogeneity([8, 1, 1, 3, 60], [4, 0, 1, 6, 62]);
  const scale = 73 * 73;
  const term = (r: number, c: number) => ((r - c) * 73) ** 2 / ((r + c) * scale);
  assertClose(result.statistic, term(8, 4) + term(5, 7) + term(60, 62), 'statistic');
  assert.equal(result.df, 2);
  assert.equal(result.pooled, 3);
});

test('a category that never was before is seen however rare it is expected to be', () => {
  const result = chiSquareHomogeneity([500_000, 500_000, 0], [50, 45, 5]);
  assert.equal(result.method, 'chi-square+fisher');
  assert.ok(result.pValue < 1e-15, `${result.pValue}`);
  const all = chiSquareHomogeneity([1_000_000, 0], [0, 100]);
  assert.equal(all.status, 'ok');
  assert.ok(all.pValue < 1e-300);
  assert.equal(chiSquareHomogeneity([500, 500, 1], [50, 50, 0]).pValue > 0.5, true);
});

test('Fisher’s exact test is within 1e-9 relative of scipy', () => {
  for (const [a, b, c, d, p] of golden.fisher) {
    // scipy's own p-values are 0 below its reach; ours must then be tiny too.
    if (p === 0) assert.ok(fisherExact(a, b, c, d) < 1e-300);
    else assertRelative(fisherExact(a, b, c, d), p, 1e-9, `${a} ${b} ${c} ${d}`);
  }
});

test('the Wasserstein distance at the edges is that of scipy on the same positions', () => {
  for (const { edges, reference, current, value } of golden.wasserstein) {
    assertClose(wassersteinAtEdges({ kind: 'numeric', edges }, reference, current), value, 'w');
  }
});

test('empty and constant counts give defined values, never NaN', () => {
  const bins = { kind: 'numeric', edges: [] } as const;
  for (const [r, c] of [
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [5, 0, 0],
      [0, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 5, 0],
    ],
  ] as const) {
    const result = psi(r, c);
    assert.equal(result.status, 'insufficient-data');
    assert.equal(result.pValue, 1);
    assert.deepEqual([result.value, result.nullMean, result.corrected], [0, 0, 0]);
    assert.equal(result.critical, 0);
    assert.equal(chiSquareHomogeneity(r, c).status, 'insufficient-data');
    assert.equal(chiSquareHomogeneity(r, c).pValue, 1);
    assert.equal(jensenShannonDivergence(r, c), 0);
    assert.equal(hellinger(r, c), 0);
    assert.equal(totalVariation(r, c), 0);
    assert.equal(klDivergence(r, c), 0);
    assert.equal(wassersteinAtEdges(bins, r, c), 0);
  }
  const constant = psi([1000, 0], [500, 0]);
  assert.deepEqual([constant.status, constant.value, constant.pValue], ['ok', 0, 1]);
  assert.equal(chiSquareHomogeneity([1000, 0], [500, 0]).pValue, 1);
});

test('PSI asks for twenty current values a bin', () => {
  assert.equal(psi([500, 500], [20, 19]).status, 'insufficient-data');
  assert.equal(psi([500, 500], [20, 20]).status, 'ok');
});

test('the symmetric distances are symmetric, zero only for equal shares, and bounded by one', () => {
  fc.assert(
    fc.property(pair, ([r, c]) => {
      for (const distance of [jensenShannonDivergence, hellinger, totalVariation]) {
        const value = distance(r, c);
        assertClose(value, distance(c, r), distance.name);
        assert.ok(value >= 0 && value <= 1);
        assertClose(
          distance(
            r,
            r.map((count) => 3 * count),
          ),
          0,
          `${distance.name} of equals`,
        );
      }
      assertClose(psi(r, c).value, psi(c, r).value, 'psi');
      assertClose(
        chiSquareHomogeneity(r, c).statistic,
        chiSquareHomogeneity(c, r).statistic,
        'chi',
      );
    }),
  );
});

test('every figure of any two counts is a number and every p-value a probability', () => {
  fc.assert(
    fc.property(pair, ([r, c]) => {
      const results = [psi(r, c), chiSquareHomogeneity(r, c)];
      for (const result of results) {
        assert.ok(result.pValue >= 0 && result.pValue <= 1);
        for (const figure of Object.values(result)) assert.ok(!Number.isNaN(figure));
      }
      assert.ok(klDivergence(r, c) >= 0);
      assert.ok(psi(r, c).value >= 0);
    }),
  );
});

test('distances obey their known inequalities', () => {
  fc.assert(
    fc.property(pair, ([r, c]) => {
      const tv = totalVariation(r, c);
      const h = hellinger(r, c);
      // Le Cam: H^2 <= TV <= H sqrt(2). Lin: JS <= TV in bits.
      assert.ok(h * h <= tv + 1e-12 && tv <= h * Math.SQRT2 + 1e-12);
      assert.ok(jensenShannonDivergence(r, c) <= tv + 1e-12);
    }),
  );
});
