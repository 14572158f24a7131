// Simulates the tails of common designs, and prints src/monitors/calibration/known-tails.ts, those
// that it holds already first; with --more those of designs it does not hold.
// Usage: node .build/test/proof/false-alarms-tails.js [--runs 10000] [--more]
import { parseArgs } from 'node:util';
import { SEED } from '../../src/monitors/calibration/calibrate.js';
import {
  checkedDesign,
  type Design,
  type ValueLaw,
} from '../../src/monitors/calibration/design.js';
import { knownTails } from '../../src/monitors/calibration/known-tails.js';
import { settingOf, strongest } from '../../src/monitors/calibration/simulate.js';
import { standardDesign, tailKey } from '../../src/monitors/calibration/standard-design.js';
import { fitTail, type Tail } from '../../src/monitors/calibration/tail.js';
import { goalDesign } from './delay-run.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    more: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const rules = [
  { periods: 1, ofPeriods: 1 },
  { periods: 2, ofPeriods: 3 },
] as const;
const laws: readonly ValueLaw[] = ['any', 'point-mass', 'binary'];

function line(key: string, { start, slope, slopeError, runs: count }: Tail): string {
  const numbers = [start.toPrecision(6), slope.toPrecision(6), slopeError.toPrecision(3), count];
  return `  '${key}': tail(${numbers.join(', ')}),`;
}

/** Prints the tail of a design that is not known; of laws other than any, where that one is. */
function simulate(design: Design): void {
  const standard = standardDesign(checkedDesign(design));
  const ofAny = standardDesign(checkedDesign({ ...design, law: 'any' }));
  const key = tailKey(standard, SEED);
  const isWanted = design.law === 'any' ? options.more : tailKey(ofAny, SEED) in knownTails;
  if (key in knownTails || !isWanted) return;
  const setting = settingOf(standard);
  const all = Float64Array.from({ length: runs }, (_, i) => strongest(setting, SEED, i));
  console.log(line(key, fitTail(all)));
}

console.log(`import type { Tail } from './tail.js';

const tail = (start: number, slope: number, slopeError: number, runs: number): Tail => ({
  start,
  slope,
  slopeError,
  runs,
});

/** Tails of common designs: written by test/proof/false-alarms-tails.ts. */
export const knownTails: Readonly<Record<string, Tail>> = {`);
for (const [key, known] of Object.entries(knownTails)) console.log(line(key, known));
for (const ratio of [10, 1, 5, 20, 50]) {
  for (const nWindow of [1000, 200, 500]) {
    for (const share of [0.1, 1, 0.5, 0.2]) {
      for (const rule of rules) {
        const sizes = { nReference: ratio * nWindow, nWindow, slide: share * nWindow };
        for (const law of laws) simulate({ ...goalDesign, ...sizes, ...rule, law });
      }
    }
  }
}
console.log('};');
