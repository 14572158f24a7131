import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FaultRun } from './fault-run.js';
import { faultKinds } from './kinds.js';

const page = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url));
const begin = '<!-- faults: begin; written by npm run faults -- --write-docs -->';
const end = '<!-- faults: end -->';

/** Runs of this and earlier campaigns, a JSON object a line. */
export function addRuns(path: string, runs: readonly FaultRun[]): FaultRun[] {
  const earlier = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  const lines = [...earlier, ...runs.map((run) => JSON.stringify(run))];
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return lines.map((line) => JSON.parse(line) as FaultRun); // as this wrote them
}

/** By kind of fault: a run with several counts for each of its kinds. */
export function tableOf(runs: readonly FaultRun[]): string {
  const rows = faultKinds.map(({ name, what }) => {
    const own = runs.filter(({ faults }) => faults.includes(name));
    const faults = own.reduce((n, run) => n + run.faults.filter((one) => one === name).length, 0);
    return rowOf(what, own, faults);
  });
  const quiet = runs.filter(({ faults }) => faults.length === 0);
  const all = runs.reduce((sum, { faults }) => sum + faults.length, 0);
  return [
    '| fault | runs | faults | lost | doubled | differing |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows,
    rowOf('none', quiet, 0),
    rowOf('**all**', runs, all),
  ].join('\n');
}

function rowOf(what: string, runs: readonly FaultRun[], faults: number): string {
  const sum = (count: (run: FaultRun) => number): number =>
    runs.reduce((total, run) => total + count(run), 0);
  const lost = sum((run) => run.lost);
  const doubled = sum((run) => run.doubled);
  const differing = sum((run) => run.differing);
  return `| ${what} | ${runs.length} | ${faults} | ${lost} | ${doubled} | ${differing} |`;
}

/** Puts the table between the markers of docs/reliability.md. */
export function writeDocs(runs: readonly FaultRun[]): void {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
  const sum = (count: (run: FaultRun) => number): string =>
    runs.reduce((total, run) => total + count(run), 0).toLocaleString('en-US');
  const seeds = runs.map(({ seed }) => seed);
  const facts = `${runs.length} runs (seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}): ${sum((run) => run.events)} source records, ${sum((run) => run.restarts)} restarts, ${sum((run) => run.recoveries)} tasks recovered from a snapshot, ${sum((run) => run.again)} records dropped that stood in a log again.`;
  writeFileSync(page, `${before}${begin}\n\n${facts}\n\n${tableOf(runs)}\n\n${rest}`);
}
