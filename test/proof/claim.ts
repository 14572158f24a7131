import { docsTable, writeDocsTable } from './docs-table.js';

/** What is claimed, how far it may be off, and how far it was. */
export interface Claim {
  readonly claim: string;
  /** In words, with its figure. */
  readonly bound: string;
  /** The worst figure measured, in words, and over what. */
  readonly measured: string;
  readonly over: string;
  readonly holds: boolean;
}

/** A claim that the largest of some errors stays at or below a limit; NaN breaks it. */
export function errorClaim(
  claim: string,
  kind: 'relative' | 'absolute',
  limit: number,
  errors: readonly number[],
  over: string,
): Claim {
  const worst = errors.some(Number.isNaN) ? Number.NaN : errors.reduce((a, b) => Math.max(a, b), 0);
  return {
    claim,
    bound: limit === 0 ? 'equal' : `≤ ${limit} ${kind}`,
    measured: worst === 0 ? 'equal' : worst.toExponential(1),
    over,
    holds: errors.length > 0 && worst <= limit,
  };
}

/** A claim that a share of runs lies between two bounds. */
export function shareClaim(
  claim: string,
  [low, high]: readonly [number, number],
  count: number,
  runs: number,
): Claim {
  const share = count / runs;
  return {
    claim,
    bound: low === 0 ? `≤ ${high}` : `${low}–${high}`,
    measured: share.toFixed(4),
    over: `${runs.toLocaleString('en')} runs`,
    holds: share >= low && share <= high,
  };
}

export function relativeError(actual: number, expected: number): number {
  return actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
}

/** Prints the claims, writes their table where asked, and fails the process where one is broken. */
export function reportClaims(name: string, claims: readonly Claim[], writesDocs: boolean): void {
  const rows = claims.map(({ claim, bound, measured, over, holds }) => [
    claim,
    bound,
    holds ? measured : `**${measured}**`,
    over,
  ]);
  const table = docsTable(['claim', 'bound', 'worst measured', 'over'], rows);
  console.log(table);
  const broken = claims.filter(({ holds }) => !holds);
  for (const { claim, bound, measured } of broken) {
    console.error(`broken: ${claim}: ${bound}, found ${measured}`);
  }
  if (broken.length > 0 || claims.length === 0) process.exitCode = 1;
  else if (writesDocs) writeDocsTable(name, `\n${table}\n`);
}
