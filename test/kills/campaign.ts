// Kills replays at random moments and compares what they leave with an undisturbed run, byte for byte:
//   node .build/test/kills/campaign.js [--runs 50] [--seed 1] [--events 40000] [--input topic=FILE…]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../src/generate/random.js';
import { directoryContents } from './directory-contents.js';
import { generatedInputs } from './generated-inputs.js';
import { killedRun } from './killed-run.js';
import { startWeir } from './replay-process.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '40000' },
    kills: { type: 'string', default: '3' },
    pipeline: { type: 'string', default: 'places' },
    input: { type: 'string', multiple: true },
  },
});
const [runs, seed, events, killsMax] = [values.runs, values.seed, values.events, values.kills].map(
  Number,
) as [number, number, number, number];
const root = mkdtempSync(join(tmpdir(), 'weir-kills-'));
const inputs = values.input ?? generatedInputs(join(root, 'input'), { events, seed });
const clock = '2026-01-01T00:00:00Z';
const args = ['replay', '--pipeline', values.pipeline, '--input', ...inputs, '--now', clock];

const undisturbed = join(root, 'undisturbed');
const startMs = performance.now();
const { code, stderr } = await startWeir([...args, '--out', undisturbed]).ended;
const durationMs = performance.now() - startMs;
if (code !== 0) throw new Error(`the undisturbed run ended with ${code}: ${stderr}`);
const expected = directoryContents(undisturbed);
console.log(`seed ${seed}: an undisturbed run takes ${Math.round(durationMs)} ms; in ${root}`);

let kills = 0;
let bad = 0;
for (let run = 0; run < runs; run++) {
  const out = join(root, `run-${run}`);
  mkdirSync(out);
  const random = createRandom(seed, run);
  const result = await killedRun({ args, out, expected, durationMs, killsMax, random });
  kills += result.kills.length;
  const ok = result.faults.length === 0;
  console.log(`run ${run}: ${ok ? 'same bytes' : 'DIFFERENT'} after ${result.kills.length} kills`);
  for (const line of [...result.kills, ...result.faults]) console.log(`  ${line}`);
  if (ok) rmSync(out, { recursive: true });
  else bad++;
}
console.log(`${runs} runs, ${kills} kills, ${bad} runs with differences (seed ${seed})`);
if (bad === 0) rmSync(root, { recursive: true });
else {
  console.log(`kept in ${root}`);
  process.exitCode = 1;
}
