// Prints how often the drift tests of the pipeline places are significant at 5 % where nothing
// drifts: generated worlds, each against a reference of its own (14 days from day 31), over later
// days. Usage: node .build/test/proof/null-law.js [--seeds 1,2,3] [--days 75]
import { parseArgs } from 'node:util';
import { createWorld } from '../../src/generate/world.js';
import type { Check } from '../../src/monitors/check.js';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import { loadModels } from '../../src/streams/load-models.js';
import { closeDays, createWorldRun, runDays } from './world-run.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    days: { type: 'string', default: '75' },
  },
});
const days = Number(options.days);
const places = builtInPipelines.find((one) => one.name === 'places')!;
const loaded = await loadModels(places, 'without references');
const byFeature = new Map<string, Check[]>();
for (const seed of options.seeds.split(',').map(Number)) {
  const world = createWorld({ seed });
  const run = createWorldRun({ pipeline: places, loaded, capturePeriods: 14 });
  await runDays(run, world, 0, days);
  await closeDays(run, world, days);
  for (const check of run.checks) {
    if (check.pValue === null) continue;
    byFeature.set(check.feature, [...(byFeature.get(check.feature) ?? []), check]);
  }
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

function share(checks: readonly Check[], test: Check['test']): string {
  const own = checks.filter((check) => check.test === test);
  return percent(own.filter((check) => check.pValue! < 0.05).length, own.length);
}

console.log('| feature | periods | PSI, p < 5 % | KS, p < 5 % | largest corrected PSI |');
console.log('|---|---|---|---|---|');
const rows = [...byFeature, ['all', [...byFeature.values()].flat()] as const];
for (const [feature, checks] of rows) {
  const effects = checks.map((check) => check.effect!);
  const largest = effects.reduce((most, one) => Math.max(most, one), -1).toFixed(3);
  const periods = checks.filter((check) => check.test === 'psi').length;
  const shares = `${share(checks, 'psi')} | ${share(checks, 'ks')}`;
  console.log(`| \`${feature}\` | ${periods} | ${shares} | ${largest} |`);
}
