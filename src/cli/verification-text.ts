import type { Difference, FeatureTally } from '../streams/verify/tally.js';
import type { ViewVerification } from '../streams/verify.js';

const head = ['feature', 'equal', 'mismatch', 'missing', 'extra', 'SMAPE'];

/** A view's verification as a table for people: features, what was left out, first differences. */
export function verificationText(verified: ViewVerification): string {
  const rows = [head, ...[verified.vectors, ...verified.features].map(cells)];
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  const omitted = verified.omitted.map(
    ({ feature, why }) => `not recomputed: ${feature}, since ${why}`,
  );
  const verdict = verified.isEqual
    ? `every vector of ${verified.view} is what its events say`
    : `vectors of ${verified.view} differ from what their events say; the first differences:`;
  return [
    `view ${verified.view}`,
    ...lines.map((line) => `  ${line}`.trimEnd()),
    ...omitted.map((line) => `  ${line}`),
    `  ${verdict}`,
    ...verified.differences.map((difference) => `    ${differenceText(difference)}`),
  ].join('\n');
}

function cells({ feature, equal, mismatch, missing, extra, smape }: FeatureTally): string[] {
  const counts = [equal, mismatch, missing, extra].map((count) => count.toLocaleString('en'));
  return [feature, ...counts, smape === null ? '' : `${(smape * 100).toPrecision(3)} %`];
}

function differenceText(difference: Difference): string {
  const { feature, outcome, key, partition, offset, time, stored, recomputed } = difference;
  const values = `stored ${JSON.stringify(stored)}, recomputed ${JSON.stringify(recomputed)}`;
  return `${outcome} ${feature} of ${JSON.stringify(key)} at ${time} (partition ${partition}, offset ${offset}): ${values}`;
}
