// How often `weir monitor` alarms where nothing drifts, by its own windows and tests, over laws
// with ties, rare values, nulls and categories: the chance that any of 50 columns has a line that
// says drift, and a p-value below the level, whatever the effect. Fails where either is above 5 %
// by more than two standard errors: with 400 families 94 times in 100 where it is 10 %.
// Usage: node .build/test/proof/monitor-quiet.js [--families 400] [--laws flag,normal]
// [--windows 1000,200] [--write-docs]
import { parseArgs } from 'node:util';
import { docsTable, writeDocsTable } from './docs-table.js';
import {
  alpha,
  familyChance,
  perReference,
  quietColumns,
  quietCounts,
} from './monitor-quiet-run.js';

const { values: options } = parseArgs({
  options: {
    families: { type: 'string', default: '400' },
    laws: { type: 'string', default: '' },
    windows: { type: 'string', default: '1000,200' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const families = Number(options.families);
const windows = options.windows.split(',').map(Number);
const columns = 50;
const nReference = 10_000;
const looks = 200;
const wanted = options.laws.split(',');
const laws = Object.entries(quietColumns).filter(([name]) =>
  wanted.some((one) => name.startsWith(one)),
);

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const broken: string[] = [];

function measured(what: string, count: number, streams: number): string {
  const { chance, error } = familyChance(count, streams, columns);
  if (chance - 2 * error > alpha) broken.push(`${what}: ${percent(chance)} ± ${percent(error)}`);
  return `${percent(chance)} ± ${percent(error)}`;
}

const rows: string[][] = [];
for (const nWindow of windows) {
  for (const [name, law] of laws) {
    const design = { columns, nReference, nWindow, slide: nWindow / 10, looks };
    const { streams, drifted, significant } = quietCounts(law, design, families);
    const where = `${name}, window ${nWindow}`;
    const row = [
      name,
      String(nWindow),
      measured(`${where}, drift`, drifted, streams),
      measured(`${where}, significant`, significant, streams),
    ];
    console.log(row.join(' | '));
    rows.push(row);
  }
}
const table = docsTable(['columns', 'window', 'any drift', 'any p below the level'], rows);
const text = `${table}\n\n${families} families of ${columns} columns, ${looks} looks, reference ${nReference.toLocaleString('en')}, slide a tenth of the window, ${perReference} streams a reference, 5 % promised over just these; \`npm run proof:monitor-quiet\`.`;
console.log(text);
if (broken.length > 0 || rows.length === 0) {
  console.error(`Promises that are broken:\n${broken.join('\n')}`);
  process.exitCode = 1;
} else if (options['write-docs']) writeDocsTable('monitor-quiet', text);
