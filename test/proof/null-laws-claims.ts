import { correlationChange, spearman } from '../../src/stats/correlation.js';
import { type FourierMap, frozenFourierMap } from '../../src/stats/fourier-map.js';
import { createFourierSums, rowAdder } from '../../src/stats/fourier-sums.js';
import { mmdNull, mmdOfRows, mmdOfSums } from '../../src/stats/mmd.js';
import { conceptHomogeneity, informationChange } from '../../src/stats/mutual-information.js';
import { createNormal, createUniform } from '../../src/stats/random.js';
import { createSequentialTest, lookAt } from '../../src/stats/sequential-test.js';
import { type Claim, shareClaim } from './claim.js';

const level = 0.05;
const thousands = (count: number): string => count.toLocaleString('en');

/** Three standard errors of a share of so many runs about the level. */
const slack = (runs: number): number => 3 * Math.sqrt((level * (1 - level)) / runs);

function sizeClaim(title: string, runs: number, isSignificant: () => boolean, least = 0.04): Claim {
  let count = 0;
  for (let run = 0; run < runs; run++) if (isSignificant()) count++;
  const low = Math.max(0, Number((least - slack(runs)).toFixed(3)));
  return shareClaim(title, [low, Number((0.06 + slack(runs)).toFixed(3))], count, runs);
}

/**
 * How often tests without an exact law are significant at 5 % where nothing changes, and how often
 * the sequential test ever is, looked at after every row.
 */
export function nullLawsClaims(runs: number, rows: number): Claim[] {
  return [...conceptClaims(runs), ...discrepancyClaims(runs), ...peekingClaims(runs, rows)];
}

/** Tables of a feature in ten bins and a binary label whose rate rises with the bin. */
function tableOf(size: number, strength: number, uniform: () => number): Uint32Array {
  const joint = new Uint32Array(20);
  for (let i = 0; i < size; i++) {
    const bin = Math.floor(uniform() * 10);
    const isPositive = uniform() < 0.3 + strength * (bin / 9 - 0.5);
    joint[2 * bin + (isPositive ? 1 : 0)]!++;
  }
  return joint;
}

function conceptClaims(runs: number): Claim[] {
  const uniform = createUniform(61);
  const normal = createNormal(uniform);
  const designs = [
    ['no dependence', 0, 10_000, 1_000],
    ['weak dependence', 0.1, 10_000, 1_000],
    ['strong dependence', 0.5, 10_000, 1_000],
    ['no dependence', 0, 2_000, 2_000],
    ['strong dependence', 0.5, 2_000, 2_000],
  ] as const;
  const changes = designs.map(([name, strength, n, m]) =>
    sizeClaim(
      `change of mutual information, ${name}, ${thousands(n)} and ${thousands(m)} rows`,
      runs,
      () => {
        const [from, to] = [tableOf(n, strength, uniform), tableOf(m, strength, uniform)];
        return informationChange(from, to, 2).pValue < level;
      },
      // Below its level where nothing depends.
      0,
    ),
  );
  const concept = sizeClaim('labels given the feature, 10,000 and 1,000 rows', runs, () => {
    const [from, to] = [tableOf(10_000, 0.4, uniform), tableOf(1_000, 0.4, uniform)];
    return conceptHomogeneity(from, to, 2).pValue < level;
  });
  const correlated = (size: number) => {
    const x = Array.from({ length: size }, normal);
    return spearman(
      x,
      x.map((one) => 0.7 * one + normal()),
    );
  };
  const correlation = sizeClaim('change of rank correlation, 300 and 150 rows', runs, () => {
    const change = correlationChange(correlated(300), correlated(150), 'spearman');
    return change.pValue < level;
  });
  return [...changes, concept, correlation];
}

function discrepancyClaims(allRuns: number): Claim[] {
  const runs = Math.max(100, Math.floor(allRuns / 4));
  const normal = createNormal(createUniform(62));
  const rowsOf = (size: number) =>
    Array.from({ length: size * 3 }, (_, i) => normal() ** (1 + (i % 2)));
  const other = frozenFourierMap(rowsOf(2_000), 3, { pairs: 32 });
  const isFar = (map: FourierMap, reference: readonly number[]) =>
    mmdOfRows(map, reference, rowsOf(80), { runs: 199 }).pValue <= level;
  const sizes = '150 and 80 rows of 3 columns';
  const byRows = sizeClaim(`MMD by permuted rows, map of other rows, ${sizes}`, runs, () =>
    isFar(other, rowsOf(150)),
  );
  const byOwnRows = sizeClaim(
    `MMD by permuted rows, map of the reference, ${sizes}`,
    runs,
    () => {
      const reference = rowsOf(150);
      return isFar(frozenFourierMap(reference, 3, { pairs: 32 }), reference);
    },
    // Below its level: the map knows the one side and not the other.
    0,
  );
  const reference = rowsOf(5_000);
  const map = frozenFourierMap(reference, 3, { pairs: 32 });
  const law = mmdNull(map, reference.slice(0, 3_000));
  const bySums = sizeClaim('MMD by panes, each pair of 500 rows anew', runs, () => {
    const sums = [rowsOf(500), rowsOf(500)].map((rows) => {
      const add = rowAdder(map);
      const to = createFourierSums(map);
      for (let from = 0; from < rows.length; from += 3) add(to, rows, from);
      return to;
    });
    return mmdOfSums(law, sums[0]!, sums[1]!).pValue <= level;
  });
  return [byRows, byOwnRows, bySums];
}

function peekingClaims(runs: number, rows: number): Claim[] {
  const uniform = createUniform(63);
  const shares = [0.02, 0.1, 0.5] as const;
  const claims = shares.flatMap((share) => {
    let [ever, naive] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const peeked = peek(share, rows, uniform);
      if (peeked.sequential) ever++;
      if (peeked.naive) naive++;
    }
    const title = `ever, over ${thousands(rows)} rows an arm, share ${share}`;
    return [
      shareClaim(`sequential test, p ≤ 5 % ${title}`, [0, level], ever, runs),
      // What looking does to the test that is made for one look.
      {
        ...shareClaim(`for comparison: z-test, p ≤ 5 % ${title}`, [0, 1], naive, runs),
        bound: '–',
      },
    ];
  });
  return claims;
}

/** Two arms of one share, looked at after every row of each from the hundredth on. */
function peek(share: number, rows: number, uniform: () => number) {
  const test = createSequentialTest(share / 5);
  const first = { count: 0, mean: 0, variance: 0 };
  const second = { count: 0, mean: 0, variance: 0 };
  const successes = [0, 0];
  let naive = false;
  for (let n = 1; n <= rows; n++) {
    for (const [i, arm] of [first, second].entries()) {
      if (uniform() < share) successes[i]!++;
      arm.count = n;
      arm.mean = successes[i]! / n;
      arm.variance = n < 2 ? 0 : (arm.mean * (1 - arm.mean) * n) / (n - 1);
    }
    const { difference, status } = lookAt(test, first, second);
    const error = Math.sqrt((first.variance + second.variance) / n);
    if (status === 'ok' && Math.abs(difference) > 1.959964 * error) naive = true;
  }
  return { sequential: test.pValue <= level, naive };
}
