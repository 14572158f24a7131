import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim } from '../proof/claim.js';
import { errorClaim, shareClaim } from '../proof/claim.js';
import { paneClaims, slidingClaims } from '../proof/incremental-claims.js';
import { mergedMomentsClaims, nistClaims, viewMomentsClaims } from '../proof/moments-claims.js';
import { nullLawsClaims } from '../proof/null-laws-claims.js';
import { psiSizeClaims } from '../proof/psi-size-claims.js';
import { specialFunctionsClaims } from '../proof/special-functions-claims.js';
import { statisticsClaims } from '../proof/statistics-claims.js';

// Short forms of the proofs; `npm run proof:…` runs them at full length.

function assertAll(claims: readonly Claim[], least: number): void {
  assert.ok(claims.length >= least, `${claims.length} claims`);
  for (const { claim, bound, measured, over, holds } of claims) {
    assert.ok(holds, `${claim}: ${bound}, found ${measured} over ${over}`);
  }
}

test('statistics are those of their outside tools', () => assertAll(statisticsClaims(), 18));

test('survival functions are those of mpmath into the far tails', () =>
  assertAll(specialFunctionsClaims(), 6));

test('sliding windows equal those from scratch', () => assertAll(slidingClaims(8_000), 2));

test('panes of several partitions, late events among them, equal those from scratch', () =>
  assertAll(paneClaims(20_000), 1));

test('moments of views and of merged parts equal those by whole numbers', () => {
  assertAll(viewMomentsClaims(5_000), 4);
  assertAll(mergedMomentsClaims(10_000), 2);
});

test('the nine univariate datasets of NIST have their certified figures', () =>
  assertAll(nistClaims(), 4));

test('PSI keeps its level where nothing drifts', () => assertAll(psiSizeClaims(200), 26));

test('tests without an exact law keep their level where nothing changes', () =>
  assertAll(nullLawsClaims(30, 250), 15));

test('a claim breaks where its figure is beyond the bound, not known or missing', () => {
  assert.equal(errorClaim('a', 'relative', 1e-10, [1e-11, 2e-10], '').holds, false);
  assert.equal(errorClaim('a', 'relative', 1e-10, [1e-11, Number.NaN, 0], '').holds, false);
  assert.equal(errorClaim('a', 'relative', 1e-10, [], '').holds, false);
  assert.equal(errorClaim('a', 'absolute', 0, [0, 0], '').holds, true);
  assert.equal(shareClaim('a', [0.04, 0.06], 7, 100).holds, false);
  assert.equal(shareClaim('a', [0.04, 0.06], 5, 100).holds, true);
});
