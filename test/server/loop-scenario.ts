import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReferenceContent, sealReference } from '../../src/monitors/reference.js';
import { writeReference } from '../../src/monitors/reference-file.js';
import { type Json, type Started, scratch } from '../cli/started.js';

export const dayMs = 86_400_000;
export type Weir = Omit<Started, 'url'>;

/** Day 0: long ago, so that the clock judges nothing. */
const startMs = Math.floor(Date.now() / dayMs) * dayMs - 40 * dayMs;
const models = fileURLToPath(new URL('../../../models/', import.meta.url));
const built = fileURLToPath(new URL('../../src/', import.meta.url));

export const dayStart = (day: number): number => startMs + day * dayMs;

/** The share of devices that a reference knows. */
function referenceOf(version: string, mobile: number, createdFrom: string): ReferenceContent {
  const bins = { kind: 'categorical', values: ['desktop', 'mobile'] } as const;
  const counts = [Math.round(1_000 * (1 - mobile)), Math.round(1_000 * mobile), 0, 0];
  const device = { name: 'device', windowMs: 0, bins, n: 1_000, counts, seasons: null };
  return {
    monitor: 'loop',
    model: 'places-ranker',
    modelVersion: version,
    periodMs: dayMs,
    createdFrom,
    fromMs: dayStart(-20),
    toMs: dayStart(-10),
    features: [{ ...device, segments: [] }],
    figures: [],
    covariates: [],
  };
}

export interface Loop {
  /** The module of a pipeline whose models lie beside it. */
  readonly pipeline: string;
  /** Ids: of the model's own reference, of another one, of that of version 2. */
  readonly references: { readonly own: string; readonly other: string; readonly second: string };
  readonly otherFile: string;
  /** Puts version 2 with its reference beside the first. */
  train(): void;
}

/** The ranker in a directory of the test's own, with one monitor that knows devices alone. */
export function createLoop(): Loop {
  const directory = scratch();
  const manifest = JSON.parse(readFileSync(join(models, 'places-ranker.json'), 'utf8'));
  const put = (version: string, mobile: number): string => {
    const name = `ranker.${version}`;
    copyFileSync(join(models, 'places-ranker.onnx'), join(directory, `${name}.onnx`));
    const own = sealReference(referenceOf(version, mobile, 'training'));
    writeReference(own, join(directory, `${name}.reference.json`));
    const said = {
      ...manifest,
      version,
      file: `${name}.onnx`,
      reference: `${name}.reference.json`,
    };
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(said));
    return own.id;
  };
  const own = put('1', 0.9);
  const other = sealReference(referenceOf('1', 0.9, 'another capture'));
  const otherFile = join(directory, 'other.reference.json');
  writeReference(other, otherFile);
  const second = sealReference(referenceOf('2', 0.1, 'training')).id;
  const pipeline = join(directory, 'loop.ts');
  const path = JSON.stringify(join(directory, 'ranker.1.json'));
  writeFileSync(
    pipeline,
    `import { place, user } from '${built}pipelines/places.js';
import { ranker } from '${built}pipelines/places-ranker.js';
import { monitor } from '${built}monitors/definition.js';
import { pipeline } from '${built}streams/pipeline.js';
export default pipeline({
  name: 'loop',
  views: [user, place],
  models: [{ ...ranker, manifest: ${path} }],
  monitors: [
    monitor({ name: 'loop', model: ranker.name, policy: { schedule: 'off', coolDownPeriods: 0 } }),
  ],
});
`,
  );
  const references = { own, other: other.id, second };
  return { pipeline, references, otherFile, train: () => void put('2', 0.1) };
}

/** A day of 120 users, one view each, of whom so many share a device. */
export function eventsOf(day: number, mobile: number): readonly object[] {
  return Array.from({ length: 120 }, (_, user) => ({
    user_id: user + 1,
    place_id: 500_001 + (user % 30),
    event_type: 'view',
    timestamp: new Date(dayStart(day) + 2 * 3_600_000 + user * 60_000).toISOString(),
    context: { device: user < 120 * mobile ? 'mobile' : 'desktop' },
  }));
}

/** Asks processes in turn until one answers as wanted; the test's timeout ends it. */
export async function until(
  weirs: readonly Weir[],
  path: string,
  wanted: (body: Json) => boolean,
): Promise<Json> {
  for (let turn = 0; ; turn++) {
    const { status, body } = await weirs[turn % weirs.length]!.get(path);
    if (status === 200 && wanted(body)) return body;
    await new Promise((resolve) => setTimeout(resolve, 100)); // HTTP has no event to wait for
  }
}

/** A field of JSON; undefined where there is none yet. */
export function at(body: Json, ...path: readonly (string | number)[]): Json {
  let found = body;
  for (const name of path) {
    found = (found as { readonly [name: string]: Json } | undefined)?.[String(name)];
  }
  return found;
}
