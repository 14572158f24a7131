// How often `weir compare` calls files different that are not, and finds a change that is one:
// pairs of files of one law, all default tests, alpha 5 %. Fails where any drift, or any drift or
// warning, comes in more than 5 % of the pairs by more than two standard errors.
// Usage: node .build/test/proof/compare-quiet.js [--pairs 1000] [--write-docs]
import { parseArgs } from 'node:util';
import { alpha, fileLaws, pairCounts, quietPairs, shareOf } from './compare-quiet-run.js';
import { docsTable, writeDocsTable } from './docs-table.js';

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '1000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const pairs = Number(options.pairs);
const broken: string[] = [];

function measured(what: string, count: number): string {
  const { share, error } = shareOf(count, pairs);
  const shown = `${(100 * share).toFixed(1)} % ± ${(100 * error).toFixed(1)} %`;
  if (share - 2 * error > alpha) broken.push(`${what}: ${shown}`);
  return shown;
}

const rows: (readonly string[])[] = [];
for (const pair of quietPairs) {
  const { name, columns, rows: sizes } = pair;
  const { drifted, warned, byTest } = pairCounts(pair, pairs);
  const size = sizes.map((n) => n.toLocaleString('en')).join(' / ');
  const where = `${name}, ${size}`;
  const found = [measured(`${where}, drift`, drifted), measured(`${where}, warning`, warned)];
  rows.push([name, String(columns), size, ...found]);
  console.log(rows.at(-1)?.join(' | '), Object.fromEntries(byTest));
}
const changed = { name: '', law: fileLaws.normal, columns: 10, rows: [5000, 1000] } as const;
const found = shareOf(pairCounts(changed, pairs, fileLaws.shifted).drifted, pairs).share;
const table = docsTable(
  ['nothing drifted', 'columns', 'rows', 'any drift', 'any drift or warning'],
  rows,
);
const text = `${table}\n\n${pairs} pairs of files, 5 % promised. Ten normal columns that all moved by a quarter of their deviation, 5,000 / 1,000 rows: ${(100 * found).toFixed(0)} % found. \`npm run proof:compare-quiet\`.`;
console.log(text);
if (broken.length > 0 || rows.length === 0) {
  console.error(`Promises that are broken:\n${broken.join('\n')}`);
  process.exitCode = 1;
} else if (options['write-docs']) writeDocsTable('compare-quiet', text);
