// Prints how many events pass from a shift of a normal mean to the alarm, at a 5 % chance of any
// alarm over 50 features and 200 looks, beside detectors that never and always alarm; fails where a
// median misses its goal. Usage: node .build/test/proof/delay.js [--runs 1000] [--write-docs]
import { parseArgs } from 'node:util';
import {
  alwaysAlarms,
  commandAlarm,
  type Delay,
  delayQuantile,
  delayRun,
  goalDesign,
  neverAlarms,
  weirAlarm,
} from './delay-run.js';
import { docsTable, writeDocsTable } from './docs-table.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const goals = new Map([
  [1, 300],
  [0.5, 500],
  [0.25, 800],
]);
const twoOfThree = { ...goalDesign, periods: 2, ofPeriods: 3 };
/** 50 columns, its own alpha and looks: at least as strict as the goals ask. */
const command = '`weir monitor`, its defaults';
const held = new Set(['Weir, 1 of 1 looks', command]);
const detectors = new Map([
  ['Weir, 1 of 1 looks', weirAlarm(goalDesign)],
  ['Weir, 2 of 3 looks', weirAlarm(twoOfThree)],
  [command, commandAlarm(goalDesign)],
  ['PSI alone', weirAlarm({ ...goalDesign, tests: ['psi'] })],
  ['KS alone', weirAlarm({ ...goalDesign, tests: ['ks'] })],
  ['rank sum alone', weirAlarm({ ...goalDesign, tests: ['rank-sum'] })],
  ['never alarms', neverAlarms],
  ['always alarms', alwaysAlarms],
]);

const rows: string[][] = [];
let isMet = true;
for (const [name, make] of detectors) {
  for (const [shift, goal] of goals) {
    const delays: Delay[] = [];
    for (let run = 0; run < runs; run++) delays.push(delayRun(make, shift, 3_000_000 + run));
    const median = delayQuantile(delays, 0.5);
    if (held.has(name) && (median === null || median > goal)) isMet = false;
    const early = delays.filter(({ isEarly }) => isEarly).length / runs;
    rows.push([
      name,
      `${shift} σ`,
      `${median ?? 'never'}`,
      `${delayQuantile(delays, 0.9) ?? 'never'}`,
      `${goal}`,
      `${(100 * early).toFixed(1)} %`,
    ]);
    console.log(rows.at(-1)!.join(' | '));
  }
}

const header = ['detector', 'shift', 'median', '90 % within', 'goal', 'runs alarmed before'];
const table = docsTable(header, rows);
console.log(table);
if (options['write-docs']) writeDocsTable('delay', table);
if (!isMet) {
  console.error('A median misses its goal: see the table');
  process.exitCode = 1;
}
