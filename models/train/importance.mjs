// Writes into the manifest how much each feature weighs in the score (permutation importance over
// held-out days). Use, after training and a build:
//   node models/train/importance.mjs .train/replay/scores.ndjson
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

// WEIR_BUILD names another build, as a URL that ends in a slash.
const build = process.env.WEIR_BUILD ?? new URL('../../.build/', import.meta.url).href;
const from = (path) => import(new URL(`src/${path}`, build).href);
const { ranker } = await from('pipelines/places-ranker.js');
const { loadModel } = await from('models/load-model.js');
const { Scorer } = await from('models/scorer.js');
const { permutationImportance } = await from('models/permutation-importance.js');

const [scoresFile] = process.argv.slice(2);
const manifestFile = new URL('../places-ranker.json', import.meta.url);
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
const { from_day: fromDay, to_day: toDay, rows: count } = manifest.figures;
const rowsMax = 4_096;
const every = Math.max(1, Math.floor(count / rowsMax));

const dayMs = 86_400_000;
let startMs = null;
let seen = 0;
const rows = [];
for await (const line of createInterface({ input: createReadStream(scoresFile) })) {
  const { time, inputs } = JSON.parse(line);
  const timeMs = Date.parse(time);
  startMs ??= Math.floor(timeMs / dayMs) * dayMs;
  const day = Math.floor((timeMs - startMs) / dayMs);
  if (day < fromDay || day > toDay || seen++ % every !== 0) continue;
  rows.push(Float64Array.from(ranker.inputs, ({ name }) => inputs[name] ?? Number.NaN));
}

if (rows.length === 0) throw new Error(`${scoresFile}: no rows of days ${fromDay} to ${toDay}`);

const { session } = await loadModel(ranker);
const scorer = new Scorer(session);
const score = async (wanted) => {
  const scores = await scorer.score(
    wanted.map((inputs, position) => ({ position, inputs, at: 0 })),
  );
  if (scores.includes(null)) throw new Error('the model gave no score for some rows');
  return scores;
};
const importance = await permutationImportance(ranker, rows, score, 1);
const sorted = Object.entries(importance).sort(([a], [b]) => (a < b ? -1 : 1));
const { reference, ...rest } = manifest;
const whole = { ...rest, importance: Object.fromEntries(sorted), reference };
writeFileSync(manifestFile, `${JSON.stringify(whole, null, 2)}\n`);
console.log(`${rows.length} rows, ${sorted.length} features`);
