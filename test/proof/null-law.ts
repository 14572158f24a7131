// How often the drift tests of the pipeline places are significant at 5 % where nothing drifts:
// generated worlds, each against a reference of its own (14 days from day 31), over later days.
// Usage: node .build/test/proof/null-law.js [--seeds 1,2,3] [--days 75] [--write-docs]
import { parseArgs } from 'node:util';
import { createWorld } from '../../src/generate/world.js';
import type { Check } from '../../src/monitors/check.js';
import { monitor } from '../../src/monitors/definition.js';
import { place, user } from '../../src/pipelines/places.js';
import { placesDrift } from '../../src/pipelines/places-drift.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { loadModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import { closeDays, createWorldRun, runDays } from './world-run.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    days: { type: 'string', default: '75' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const days = Number(options.days);
const seeds = options.seeds.split(',').map(Number);

/** Inputs that are nothing but a place's feature, as they would be if sampled by user. */
const inputs = ['weekly_visits', 'click_through_7d', 'listed_rating'] as const;
const byUser = monitor({
  name: 'by-user',
  model: 'places-ranker',
  features: Object.fromEntries(inputs.map((name) => [`place_${name}`, 'stationary'] as const)),
});
const watched = pipeline({
  name: 'places',
  views: [user, place],
  models: [ranker],
  monitors: [placesDrift, byUser],
});

const checks: Check[] = [];
for (const seed of seeds) {
  const world = createWorld({ seed });
  const loaded = await loadModels(watched, 'without references');
  const run = createWorldRun({ pipeline: watched, loaded, capturePeriods: 14 });
  await runDays(run, world, 0, days);
  await closeDays(run, world, days);
  const isTest = ({ subject, segment, test, pValue }: Check): boolean =>
    (subject === 'feature' || subject === 'score') &&
    (test === 'psi' || test === 'ks' || test === 'chi2') &&
    segment === '' &&
    pValue !== null;
  checks.push(...run.checks.filter(isTest));
  console.error(`seed ${seed}: ${checks.length} tests`);
}

function percent(own: readonly Check[], test: Check['test']): number | null {
  const those = own.filter((check) => check.test === test);
  if (those.length === 0) return null;
  return (100 * those.filter((check) => check.pValue! < 0.05).length) / those.length;
}

const text = (share: number | null): string => (share === null ? '-' : `${share.toFixed(1)} %`);
const largest = (own: readonly Check[]): string =>
  own.reduce((most, { effect }) => Math.max(most, effect ?? -1), -1).toFixed(3);

function row(feature: string, own: readonly Check[]): readonly (string | number)[] {
  const periods = own.filter(({ test }) => test === 'psi').length;
  return [feature, periods, text(percent(own, 'psi')), text(percent(own, 'ks')), largest(own)];
}

const own = checks.filter((check) => check.monitor !== byUser.name);
const features = [...new Set(own.map(({ feature }) => feature))];
const of = (feature: string) => own.filter((check) => check.feature === feature);
const most = (feature: string): number =>
  Math.max(percent(of(feature), 'psi') ?? 0, percent(of(feature), 'ks') ?? 0);
const listed = features.filter((feature) => most(feature) > 10).sort((a, b) => most(b) - most(a));
const head = ['feature', 'periods', 'PSI, p < 5 %', 'KS, p < 5 %', 'largest corrected PSI'];
const table = docsTable(head, [
  row(`all ${features.length}`, own),
  ...listed.map((feature) => row(`\`${feature}\``, of(feature))),
]);
const samplings = docsTable(
  ['feature', 'sampled by user: PSI, p < 5 %', 'sampled by place'],
  inputs.map((input) => {
    const those = checks.filter(({ monitor: by, feature }) => {
      return by === byUser.name && feature === `place_${input}`;
    });
    return [
      `\`${input}\``,
      text(percent(those, 'psi')),
      text(percent(of(`place.${input}`), 'psi')),
    ];
  }),
);
for (const feature of features) console.log(row(feature, of(feature)).join('  '));
console.log(`${table}\n\n${samplings}`);
if (options['write-docs']) {
  writeDocsTable('null-law', table);
  writeDocsTable('null-law-sampling', samplings);
}
