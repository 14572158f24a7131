// Real servers, real processes, generated load and faults drawn by seed; everything that a run
// leaves
// is compared with a recomputation over the logs that it wrote:
//   npm run faults -- [--runs 10] [--seed 1] [--only KIND[,KIND]] [--events 3000] [--keep]
// [--write-docs]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FaultRun, faultRun } from './fault-run.js';
import { startFaultServers } from './fault-servers.js';
import { faultKinds } from './kinds.js';
import { addRuns, tableOf, writeDocs } from './table.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '3000' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    out: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const [runs, seed, events] = [values.runs, values.seed, values.events].map(Number) as [
  number,
  number,
  number,
];
const only = values.only?.split(',') ?? [];
const unknown = only.filter((name) => name !== 'none' && !faultKinds.some((k) => k.name === name));
if (unknown.length > 0) {
  const names = faultKinds.map(({ name }) => name).join(', ');
  throw new Error(`--only ${unknown.join(',')}: expected none or some of ${names}`);
}

function lineOf(run: FaultRun): string {
  const { lost, doubled, differing } = run;
  const same = lost + doubled + differing === 0;
  const found = same ? 'same' : `LOST ${lost} DOUBLED ${doubled} DIFFERING ${differing}`;
  const faults = run.faults.join('+') || 'no fault';
  return `seed ${run.seed}: ${found} | ${faults} | ${run.members} | ${run.events} records, ${run.restarts} restarts, ${run.recoveries} recoveries, ${run.again} again | ${run.seconds.toFixed(0)} s`;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const root = mkdtempSync(join(tmpdir(), 'weir-faults-'));
console.log(`seeds ${seed} to ${seed + runs - 1}; evidence in ${root}`);
const servers = await startFaultServers();
const done: FaultRun[] = [];
let broken = 0;
try {
  for (let one = seed; one < seed + runs; one++) {
    const directory = join(root, `seed-${one}`);
    try {
      const run = await faultRun({ servers, directory, seed: one, events, only });
      done.push(run);
      if (values.out !== undefined) addRuns(values.out, [run]);
      console.log(lineOf(run));
      for (const line of [...run.remarks, ...run.first]) console.log(`  ${line}`);
      const equal = run.lost + run.doubled + run.differing === 0;
      if (!equal) broken++;
      writeFileSync(join(directory, 'result.json'), JSON.stringify(run, null, 2));
      if (equal && run.remarks.length === 0 && !values.keep) rmSync(directory, { recursive: true });
    } catch (error) {
      broken++;
      console.log(`seed ${one}: BROKEN, kept in ${directory}`, error);
    }
  }
} finally {
  await servers.close();
}
console.log(tableOf(done));
if (values['write-docs']) writeDocs(values.out === undefined ? done : addRuns(values.out, []));
process.exitCode = broken > 0 ? 1 : 0;
