// Kills replays at random moments and compares what they leave with an undisturbed run, byte for
// byte:
//   node .build/test/kills/campaign.js [--runs 50] [--seed 1] [--events 40000] [--input topic=FILE]
// Without --input on generated files; then also on the three files in $WEIR_NYC, where that is set.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../src/generate/random.js';
import { directoryContents } from './directory-contents.js';
import { generatedInputs } from './generated-inputs.js';
import { killedRun } from './killed-run.js';
import { startWeir } from './weir-process.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '40000' },
    kills: { type: 'string', default: '3' },
    pipeline: { type: 'string', default: 'places' },
    input: { type: 'string', multiple: true },
    only: { type: 'string' },
  },
});
const [runs, seed, events, killsMax] = [values.runs, values.seed, values.events, values.kills].map(
  Number,
) as [number, number, number, number];
const clock = '2026-01-01T00:00:00Z';

/** Runs killed replays over the inputs; gives how many ended otherwise than an undisturbed one. */
async function campaign(name: string, root: string, inputs: readonly string[]): Promise<number> {
  const args = ['replay', '--pipeline', values.pipeline, '--input', ...inputs, '--now', clock];
  const undisturbed = join(root, 'undisturbed');
  const startMs = performance.now();
  const { code, stderr } = await startWeir([...args, '--out', undisturbed]).ended;
  const durationMs = performance.now() - startMs;
  if (code !== 0) throw new Error(`the undisturbed run ended with ${code}: ${stderr}`);
  const expected = directoryContents(undisturbed);
  const length = Math.round(durationMs);
  console.log(`${name}, seed ${seed}: an undisturbed run takes ${length} ms; in ${root}`);

  let kills = 0;
  let bad = 0;
  for (let run = 0; run < runs; run++) {
    const out = join(root, `run-${run}`);
    mkdirSync(out);
    const random = createRandom(seed, run);
    const result = await killedRun({ args, out, expected, durationMs, killsMax, random });
    kills += result.kills.length;
    const same = result.faults.length === 0;
    const verdict = same ? 'same bytes' : 'DIFFERENT';
    console.log(`run ${run}: ${verdict} after ${result.kills.length} kills`);
    for (const line of [...result.kills, ...result.faults]) console.log(`  ${line}`);
    if (same) rmSync(out, { recursive: true });
    else bad++;
  }
  console.log(`${name}: ${runs} runs, ${kills} kills, ${bad} runs with differences, seed ${seed}`);
  return bad;
}

async function inScratch(name: string, inputsIn: (root: string) => string[]): Promise<void> {
  if (values.only !== undefined && values.only !== name) return;
  const root = mkdtempSync(join(tmpdir(), 'weir-kills-'));
  const bad = await campaign(name, root, inputsIn(root));
  if (bad === 0) return rmSync(root, { recursive: true });
  console.log(`kept in ${root}`);
  process.exitCode = 1;
}

const { input } = values;
const nyc = process.env.WEIR_NYC;
if (input !== undefined) await inScratch('given', () => input);
else {
  await inScratch('generated', (root) => generatedInputs(join(root, 'input'), { events, seed }));
  const topics = ['interactions', 'place-updates', 'context'];
  if (nyc !== undefined && nyc !== '')
    await inScratch('nyc', () => topics.map((topic) => `${topic}=${join(nyc, topic)}.ndjson.gz`));
}
