// npm run proof:episodes [-- --files N --kafka N --engine N --write-docs]: kills the policy at any
// moment, again and again, and counts what it told: one alert and one event per episode, or exit 1.
// Kafka is used where there is one (WEIR_TEST_KAFKA, or npm run servers up).
import { parseArgs } from 'node:util';
import { engineTrial } from '../episodes/engine-trial.js';
import { filesTrial } from '../episodes/files-trial.js';
import { openPlant, type PlantWorld } from '../episodes/world.js';
import { serverFor } from '../servers.js';
import { runTrials } from '../streams/cluster/policy-trial.js';
import { openTopics } from '../streams/cluster/scoring-topics.js';
import { docsTable, writeDocsTable } from './docs-table.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '700' },
    engine: { type: 'string', default: '400' },
    kafka: { type: 'string', default: '600' },
    'write-docs': { type: 'boolean', default: false },
  },
});

interface Row {
  readonly where: string;
  readonly trials: number;
  readonly kills: number;
  /** Seeds whose outcome was another than that of an uninterrupted run. */
  readonly wrong: readonly number[];
}

const progressEvery = 100;

async function trials(
  where: string,
  count: number,
  one: (seed: number) => Promise<{ readonly kills: number; readonly ok: boolean }>,
): Promise<Row> {
  let kills = 0;
  const wrong: number[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const found = await one(seed);
    kills += found.kills;
    if (!found.ok) wrong.push(seed);
    if (seed % progressEvery === 0) console.error(`${where}: ${seed} trials, ${kills} kills`);
  }
  return { where, trials: count, kills, wrong };
}

async function onFiles(world: PlantWorld, count: number): Promise<Row> {
  const whole = await filesTrial(world, null, 0);
  return trials('files (`weir replay`)', count, async (seed) => {
    const { kills, alerts, events } = await filesTrial(world, seed, whole.calls);
    return { kills, ok: alerts === whole.alerts && events === whole.events };
  });
}

async function onEngine(world: PlantWorld, count: number): Promise<Row> {
  const whole = await engineTrial(world, null, 0);
  return trials('embedded engine', count, async (seed) => {
    const { kills, told } = await engineTrial(world, seed, whole.calls);
    return { kills, ok: told === whole.told };
  });
}

async function onKafka(count: number): Promise<Row> {
  const topics = await openTopics('proof');
  let shown = 0;
  try {
    const kills = await runTrials(topics, count, 6, (done) => {
      if (done >= shown + progressEvery) {
        shown = done;
        console.error(`Kafka: ${done} trials`);
      }
    });
    return { where: 'Kafka', trials: count, kills, wrong: [] };
  } finally {
    await topics.close();
  }
}

const rows: Row[] = [];
const world = await openPlant();
try {
  if (Number(values.files) > 0) rows.push(await onFiles(world, Number(values.files)));
  if (Number(values.engine) > 0) rows.push(await onEngine(world, Number(values.engine)));
} finally {
  world.close();
}
if (Number(values.kafka) > 0) {
  if (serverFor('kafka') === null) console.error('no Kafka: npm run servers up kafka');
  else rows.push(await onKafka(Number(values.kafka)));
}

const header = ['where', 'trials', 'kills', 'episodes told otherwise than once'];
const table = docsTable(
  header,
  rows.map(({ where, trials: count, kills, wrong }) => [where, count, kills, wrong.length]),
);
console.log(table);
for (const { where, wrong } of rows) {
  if (wrong.length > 0) console.error(`${where}: seeds ${wrong.join(', ')}`);
}
if (rows.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
else if (values['write-docs']) writeDocsTable('episodes', table);
