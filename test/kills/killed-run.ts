import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Random } from '../../src/generate/random.js';
import { differences, directoryContents } from './directory-contents.js';
import { startWeir } from './weir-process.js';

export interface KilledRunSettings {
  /** Arguments of `weir`, without --out and --frame-size. */
  readonly args: readonly string[];
  readonly out: string;
  /** What an undisturbed run leaves. */
  readonly expected: ReadonlyMap<string, string>;
  /** Length of an undisturbed run, ms: kills come at any moment of it. */
  readonly durationMs: number;
  readonly killsMax: number;
  readonly random: Random;
}

export interface KilledRun {
  /** When each kill hit, ms after its start, with what it left. */
  readonly kills: readonly string[];
  /** What is wrong at the end; none where the outputs are as undisturbed. */
  readonly faults: readonly string[];
}

const frameSizes = [64, 512, 512, 4096];

/** A replay killed at random moments and started again until it ends by itself. */
export async function killedRun(settings: KilledRunSettings): Promise<KilledRun> {
  const { args, out, expected, durationMs, killsMax, random } = settings;
  const kills: string[] = [];
  for (;;) {
    const size = frameSizes[Math.floor(random.unit() * frameSizes.length)]!;
    const { child, ended } = startWeir([...args, '--out', out, '--frame-size', String(size)]);
    const controller = new AbortController();
    const killMs = Math.round(random.unit() * durationMs);
    if (kills.length < killsMax) {
      const kill = () => child.kill('SIGKILL');
      void after(killMs, undefined, { signal: controller.signal }).then(kill, () => {});
    }
    const { code, signal, stderr } = await ended;
    controller.abort();
    if (signal === 'SIGKILL') {
      kills.push(`${killMs} ms at frame size ${size}, leaving ${leftIn(out)}`);
      continue;
    }
    if (code !== 0) return { kills, faults: [`exit code ${code}: ${stderr}`] };
    return { kills, faults: differences(expected, directoryContents(out)) };
  }
}

/** How far a killed run was, by what lies in its directory. */
function leftIn(out: string): string {
  if (existsSync(join(out, '.weir-finished'))) return 'what it was removing';
  if (existsSync(join(out, '.weir')))
    return existsSync(join(out, 'accounts.json')) ? 'its end' : 'its middle';
  return existsSync(join(out, 'accounts.json')) ? 'everything done' : 'nothing';
}
