import { brokenKinds } from './broken-kinds.js';
import type { GeneratedRecord } from './generated-record.js';
import { brokenLine, interactionLine } from './interaction-line.js';
import { createRandom, streamSeed } from './random.js';
import { interactionsOf } from './sessions.js';
import type { World } from './world.js';

/** A record whose offset is not yet known (−1). */
export type LooseRecord = Omit<GeneratedRecord, 'offset'> & { offset: number };

const disorderMsMax = 55_000;
const lateMsMin = 90 * 60_000;
const lateMsMax = 6 * 3_600_000;

/** Interactions of the sessions begun on a day, as they travel: delayed, late, doubled damaged. */
export function interactionRecords(world: World, day: number): LooseRecord[] {
  const { broken, disorder, late, seed } = world.options;
  const random = createRandom(streamSeed(seed, 9), day);
  const out: LooseRecord[] = [];
  for (const event of interactionsOf(world, day)) {
    const { timeMs } = event;
    const { partition } = event.user;
    let fault: GeneratedRecord['fault'] = 'none';
    let delayMs = 0;
    const draw = random.unit();
    if (draw < late) {
      fault = 'late';
      delayMs = lateMsMin + Math.floor(random.unit() * (lateMsMax - lateMsMin));
    } else if (draw < late + disorder) {
      fault = 'disorder';
      delayMs = 1_000 + Math.floor(random.unit() * (disorderMsMax - 1_000));
    }
    const arrivalMs = timeMs + delayMs;
    const topic = 'interactions';
    if (random.unit() < broken) {
      const kind = brokenKinds[Math.floor(random.unit() * brokenKinds.length)] ?? 'broken-line';
      const line = brokenLine(event, kind);
      out.push({ topic, partition, offset: -1, timeMs, arrivalMs, line, fault: kind });
    }
    const line = interactionLine(event);
    out.push({ topic, partition, offset: -1, timeMs, arrivalMs, line, fault });
  }
  return out;
}
