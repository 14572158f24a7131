// Proves the calibration without its own simulation: values of several laws that never drift, other
// seeds, and the detector that users run. Prints the chance of any alarm and the mean run length,
// and fails where they break the promise.
// Usage: node .build/test/proof/false-alarms.js [--families 1000] [--runs 1000] [--write-docs]
// Each takes about half an hour of processor time; 0 leaves a part out.
import { parseArgs } from 'node:util';
import type { Design } from '../../src/monitors/calibration/design.js';
import { chanceOfAlarm } from '../../src/monitors/false-alarms.js';
import { goalDesign } from './delay-run.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import { firstAlarm, quietLaws, runLength, watched } from './false-alarms-run.js';

const { values: options } = parseArgs({
  options: {
    families: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '1000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const families = Number(options.families);
const runs = Number(options.runs);
const rules: readonly Partial<Design>[] = [
  { periods: 1, ofPeriods: 1 },
  { periods: 2, ofPeriods: 3 },
];
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rows: string[][] = [];
let isKept = true;

for (const [law, draw] of Object.entries(quietLaws)) {
  for (const rule of rules) {
    const design = { ...goalDesign, ...rule };
    const of = watched(design, draw);
    let streams = 0;
    if (families === 0) break;
    for (let family = 0; family < families; family++) {
      for (let feature = 0; feature < design.features; feature++) {
        if (firstAlarm(of, design.looks, 1_000_000 + family, feature) !== null) streams++;
      }
    }
    // Features are independent: all streams together say more than the families one by one.
    const share = streams / (families * design.features);
    const chance = 1 - (1 - share) ** design.features;
    const error = (chance / Math.sqrt(Math.max(1, streams))) * (1 - chance / 2);
    if (chance - 2 * error > design.alpha) isKept = false;
    const promised = `${percent(design.alpha)} over ${design.looks} looks`;
    const ruleText = `${design.periods} of ${design.ofPeriods}`;
    rows.push([law, ruleText, promised, `${percent(chance)} ± ${percent(error)}`]);
    console.log(rows.at(-1)!.join(' | '));
  }
}

for (const [law, draw] of Object.entries(quietLaws)) {
  if (runs === 0) break;
  const promised = 200;
  const alpha = chanceOfAlarm({ alarms: 1, spanMs: promised }, 1, promised);
  const of = watched({ ...goalDesign, looks: promised, alpha }, draw);
  const limit = promised * 20;
  let sum = 0;
  for (let run = 0; run < runs; run++) sum += runLength(of, limit, 2_000_000 + run);
  const mean = sum / runs;
  const error = mean / Math.sqrt(runs);
  // Values with ties may only be quieter than promised.
  const isSmooth = law === 'normal';
  if (mean + 2 * error < 0.9 * promised || (isSmooth && mean - 2 * error > 1.1 * promised))
    isKept = false;
  rows.push([
    law,
    '1 of 1',
    `one in ${promised} looks`,
    `one in ${mean.toFixed(0)} ± ${error.toFixed(0)} looks`,
  ]);
  console.log(rows.at(-1)!.join(' | '));
}

const table = docsTable(['values', 'rule', 'promised', 'measured'], rows);
console.log(table);
if (options['write-docs']) writeDocsTable('false-alarms', table);
if (!isKept) {
  console.error('A promise is broken: see the table');
  process.exitCode = 1;
}
