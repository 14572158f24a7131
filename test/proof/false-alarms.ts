// Proves the calibration without its own simulation: values of several laws that never drift, other
// seeds, and the detector of the library. Prints the chance of any alarm of 50 features, the looks
// for each alarm, and the run lengths of single features; fails where they break the promise.
// Usage: node .build/test/proof/false-alarms.js [--families 400] [--runs 2000] [--write-docs]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Design } from '../../src/monitors/calibration/design.js';
import { lawOf } from '../../src/monitors/calibration/value-law.js';
import { chanceOfAlarm } from '../../src/monitors/false-alarms.js';
import { goalDesign } from './delay-run.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import {
  type Frozen,
  firstAlarm,
  firstAlarmARowSooner,
  firstAlarms,
  frozenReference,
  type Law,
  quietLaws,
  type Watch,
  watchOf,
} from './false-alarms-run.js';

const { values: options } = parseArgs({
  options: {
    families: { type: 'string', default: '400' },
    runs: { type: 'string', default: '2000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const families = Number(options.families);
const runs = Number(options.runs);
const oneIn = 200;
/** Streams of one reference: a poor one is rare, so that they are nearly independent. */
const perReference = 4;
const rules = [
  { periods: 1, ofPeriods: 1 },
  { periods: 2, ofPeriods: 3 },
] as const;
const ruleText = ({ periods, ofPeriods }: Design): string => `${periods} of ${ofPeriods}`;
const rate = (features: number): Partial<Design> => ({
  features,
  looks: oneIn,
  alpha: chanceOfAlarm({ alarms: 1, spanMs: oneIn }, 1, oneIn),
});
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const broken: string[] = [];

function check(isKept: boolean, what: string): void {
  if (!isKept) broken.push(what);
}

/**
 * Holds looks for each alarm to the promise, and says them. Counts of a rare value come in whole
 * rows: where no threshold waits so many looks, the next one must alarm more often than promised.
 * @param sooner looks for each alarm by the next threshold; null where there are others between
 */
function heldLooks(label: string, looks: number, error: number, sooner: () => number | null) {
  const found = `${looks.toFixed(0)} ± ${error.toFixed(0)}`;
  check(looks + 2 * error >= 0.9 * oneIn, `${label}: ${found} looks for each alarm`);
  if (looks - 2 * error <= 1.1 * oneIn) return found;
  const next = sooner();
  check(next !== null && next < oneIn, `${label}: ${found} looks for each alarm`);
  return next === null ? found : `${found}, a row sooner ${next.toFixed(0)}`;
}

const isBinary = (law: Law): boolean =>
  lawOf(frozenReference(law, goalDesign.nReference, 0, 0).counts) === 'binary';

/** Rows of one law: 50 features over 200 looks, by both rules and both promises. */
function familyRows(name: string, law: Law): string[][] {
  const watches = rules.flatMap((rule) => [
    watchOf({ ...goalDesign, ...rule }),
    watchOf({ ...goalDesign, ...rule, ...rate(goalDesign.features) }),
  ]);
  const seed = 1_000_000;
  const alarmed = watches.map(() => 0);
  eachStream(law, seed, (frozen, stream) => {
    for (const [i, look] of firstAlarms(watches, frozen, seed, stream).entries()) {
      if (look !== null) alarmed[i]!++;
    }
  });
  return watches.map((watch, i) => {
    const { design } = watch;
    const logOfNone = logOfNoAlarm(design, alarmed[i]!);
    const error = 1 / Math.sqrt(Math.max(1, alarmed[i]!));
    const label = [name, ruleText(design)];
    if (design.alpha < 0.5) {
      const chance = -Math.expm1(logOfNone);
      check(chance * (1 - 2 * error) <= design.alpha, label.join(', '));
      const promised = `${percent(design.alpha)} in ${design.looks} looks`;
      return [...label, promised, `${percent(chance)} ± ${percent(chance * error)}`];
    }
    const looks = -design.looks / logOfNone;
    const held = heldLooks(label.join(', '), looks, looks * error, () =>
      isBinary(law) ? looksARowSooner(watch, law, seed) : null,
    );
    return [...label, `one in ${oneIn} looks`, `one in ${held}`];
  });
}

/** Streams of all families, some of each reference. */
function eachStream(law: Law, seed: number, look: (frozen: Frozen, stream: number) => void): void {
  const streams = families * goalDesign.features;
  for (let first = 0; first < streams; first += perReference) {
    const frozen = frozenReference(law, goalDesign.nReference, seed, first);
    for (let stream = first; stream < Math.min(streams, first + perReference); stream++) {
      look(frozen, stream);
    }
  }
}

/** Features are independent: all streams together say more than the families one by one. */
function logOfNoAlarm({ features }: Design, alarmed: number): number {
  return features * Math.log1p(-alarmed / (families * goalDesign.features));
}

function looksARowSooner(watch: Watch, law: Law, seed: number): number {
  let alarmed = 0;
  eachStream(law, seed, (frozen, stream) => {
    if (firstAlarmARowSooner(watch, frozen, seed, stream) !== null) alarmed++;
  });
  return -watch.design.looks / logOfNoAlarm(watch.design, alarmed);
}

/** Run lengths of single features, each with its own reference. */
function runRow(name: string, law: Law): string[] {
  const watch = watchOf({ ...goalDesign, ...rate(1) }, 25 * oneIn);
  const seed = 2_000_000;
  const lengthsOf = (first: typeof firstAlarm) =>
    Array.from({ length: runs }, (_, run) => {
      const frozen = frozenReference(law, goalDesign.nReference, seed, run);
      return first(watch, frozen, seed, run) ?? watch.limit;
    });
  const lengths = lengthsOf(firstAlarm);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / runs;
  const squares = lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0);
  const shareOf = (found: readonly number[]) =>
    found.filter((length) => length <= oneIn).length / runs;
  const looksOf = (share: number) => -oneIn / Math.log1p(-share);
  const share = shareOf(lengths);
  const looks = looksOf(share);
  // By the delta method, from the binomial error of the share.
  const error = (looks * looks * Math.sqrt(share / (1 - share) / runs)) / oneIn;
  const held = heldLooks(`${name}, one feature`, looks, error, () =>
    isBinary(law) ? looksOf(shareOf(lengthsOf(firstAlarmARowSooner))) : null,
  );
  return [name, held, `${mean.toFixed(0)} ± ${(Math.sqrt(squares) / runs).toFixed(0)}`];
}

const ofFamilies: string[][] = [];
const ofRuns: string[][] = [];
for (const [name, law] of Object.entries(quietLaws)) {
  if (runs > 0) ofRuns.push(runRow(name, law));
  if (families > 0) ofFamilies.push(...familyRows(name, law));
  for (const row of [...ofRuns.slice(-1), ...ofFamilies.slice(-4)]) console.log(row.join(' | '));
}
const [cpu] = cpus();
const processor = process.cpuUsage();
const minutes = ((processor.user + processor.system) / 60e6).toFixed(0);
const text = [
  docsTable(['values', 'rule', 'promised, 50 features', 'measured'], ofFamilies),
  `${families} families of 50 features, 200 looks, ${perReference} streams a reference.`,
  docsTable(['values, one feature', 'looks for each alarm', 'mean run length'], ofRuns),
  `${runs} runs each, 1 of 1, one alarm in ${oneIn} looks promised, ${25 * oneIn} looks at most. ${minutes} minutes of processor time, ${cpu?.model.trim()}, Node ${process.version}.`,
].join('\n\n');
console.log(text);
if (options['write-docs']) writeDocsTable('false-alarms', text);
if (broken.length > 0) {
  console.error(`Promises that are broken:\n${broken.join('\n')}`);
  process.exitCode = 1;
}
