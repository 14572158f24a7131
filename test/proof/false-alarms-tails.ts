// Simulates the tails of common designs with many runs, and prints src/monitors/calibration/
// known-tails.ts. Usage: node .build/test/proof/false-alarms-tails.js [--runs 100000]
import { parseArgs } from 'node:util';
import { SEED } from '../../src/monitors/calibration/calibrate.js';
import { checkedDesign, type Design } from '../../src/monitors/calibration/design.js';
import { settingOf, strongest } from '../../src/monitors/calibration/simulate.js';
import { standardDesign, tailKey } from '../../src/monitors/calibration/standard-design.js';
import { fitTail } from '../../src/monitors/calibration/tail.js';
import { goalDesign } from './delay-run.js';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } });
const runs = Number(options.runs);
const twoOfThree = { periods: 2, ofPeriods: 3 };
const common: readonly Design[] = [
  goalDesign,
  { ...goalDesign, ...twoOfThree },
  { ...goalDesign, ...twoOfThree, slide: 1000, looks: 60 },
];
console.log(`import type { Tail } from './tail.js';

/** Tails of common designs, ${runs} runs each: written by test/proof/false-alarms-tails.ts. */
export const knownTails: Readonly<Record<string, Tail>> = {`);
for (const design of common) {
  const standard = standardDesign(checkedDesign(design));
  const setting = settingOf(standard);
  const tail = fitTail(Float64Array.from({ length: runs }, (_, i) => strongest(setting, SEED, i)));
  const { start, slope, slopeError } = tail;
  console.log(`  '${tailKey(standard, SEED)}': {
    start: ${start.toPrecision(6)},
    slope: ${slope.toPrecision(6)},
    slopeError: ${slopeError.toPrecision(3)},
    runs: ${runs},
  },`);
}
console.log('};');
