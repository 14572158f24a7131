import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { from, lastValueFrom, map } from 'rxjs';
import { computeFeatures } from '../src/operators/compute-features.js';
import type { Step } from '../src/operators/step.js';
import { j1 } from '../src/pipelines/j1.js';
import { place, user } from '../src/pipelines/places.js';
import { placesDrift } from '../src/pipelines/places-drift.js';
import { ranker } from '../src/pipelines/places-ranker.js';
import type { Batch } from '../src/records/batch.js';
import type { ReplayInput } from '../src/streams/ingest/replay-source.js';
import { type Pipeline, pipeline } from '../src/streams/pipeline.js';
import { J1Checksum } from './j1-checksum.js';
import { forEachLine, plainLoop } from './plain-loop.js';
import { createGraph, openSource, runGraph } from './run-graph.js';

/** What one run of a case found, beside the time it took. */
export interface Outcome {
  readonly events: number;
  /** 0 where a case keeps no state. */
  readonly keys: number;
  readonly stateBytes: number;
  /** Equal in every run; null where there is none. */
  readonly checksum: number | null;
}

/** Input files of a run of the bench. */
export interface Inputs {
  readonly j1: string;
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** Where logs may be written. */
  readonly scratch: string;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  /** Work that is not measured; gives what is. */
  readonly prepare: (inputs: Inputs) => Promise<() => Outcome | Promise<Outcome>>;
}

const stateless = { keys: 0, stateBytes: 0, checksum: null };
const j1Pipeline = pipeline({ name: 'j1', views: [j1] });
/** `places` in parts that build on each other. */
const parts = {
  views: pipeline({ name: 'places', views: [user, place] }),
  scores: pipeline({ name: 'places', views: [user, place], models: [ranker] }),
  monitors: pipeline({
    name: 'places',
    views: [user, place],
    models: [ranker],
    monitors: [placesDrift],
  }),
} as const;

function parseAll(paths: readonly string[]): Outcome {
  let events = 0;
  for (const path of paths) {
    forEachLine(path, (line) => {
      JSON.parse(line);
      events++;
    });
  }
  return { events, ...stateless };
}

/** A directory for logs; it goes with the scratch directory: no case pays for removing it. */
function logsIn(inputs: Inputs): string {
  return mkdtempSync(join(inputs.scratch, 'logs-'));
}

/** J1 as a declared view, from a file through ingest, logs and tasks to the checksum. */
export async function prepareJ1(
  path: string,
  directory: string,
  batchRecords?: number,
): Promise<() => Promise<Outcome>> {
  const sink = new J1Checksum();
  const graph = await createGraph(j1Pipeline, 'after');
  return async () => {
    await runGraph({
      graph,
      inputs: [{ topicIndex: 0, partition: 0, path }],
      directory,
      ...(batchRecords === undefined ? {} : { batchRecords }),
      deliver: (step) => sink.add(step),
    });
    const { bytes, keys } = graph.size();
    return { events: sink.vectors, keys, stateBytes: bytes, checksum: sink.value };
  };
}

function placesInputs(inputs: Inputs): ReplayInput[] {
  return parts.views.topics.flatMap(({ topic }, topicIndex) =>
    (inputs.places[topic] ?? []).map((path, partition) => ({ topicIndex, partition, path })),
  );
}

/** Tasks alone: batches are decoded and routed beforehand. */
async function preparePlacesFeatures(inputs: Inputs): Promise<() => Promise<Outcome>> {
  const graph = await createGraph(parts.views, 'before');
  const source = openSource(graph.pipeline, placesInputs(inputs));
  const batches: Batch[] = [];
  for (let batch = await source.next(); batch !== null; batch = await source.next()) {
    batches.push(batch);
  }
  const steps = batches.map((batch) => graph.route(batch));
  const events = batches.reduce((sum, { count }) => sum + count, 0);
  return async () => {
    await lastValueFrom(
      from(steps).pipe(
        computeFeatures(graph.tasks),
        map((step) => {
          step.outputs = [];
        }),
      ),
    );
    const { bytes, keys } = graph.size();
    return { events, keys, stateBytes: bytes, checksum: null };
  };
}

async function preparePlaces(pipeline: Pipeline, inputs: Inputs): Promise<() => Promise<Outcome>> {
  const graph = await createGraph(pipeline, 'before');
  const directory = logsIn(inputs);
  return async () => {
    let events = 0;
    const deliver = (step: Step) => {
      events += step.batch.count;
    };
    await runGraph({ graph, inputs: placesInputs(inputs), directory, deliver });
    const { bytes, keys } = graph.size();
    return { events, keys, stateBytes: bytes, checksum: null };
  };
}

/** In the order of the table. */
export const cases: readonly Case[] = [
  {
    name: 'parse-j1',
    title: 'JSON.parse alone, lines of J1',
    prepare: async (inputs) => () => parseAll([inputs.j1]),
  },
  {
    name: 'plain-j1',
    title: 'J1 by hand: one loop, no engine',
    prepare: async (inputs) => () => {
      const { events, checksum, keys, bytes } = plainLoop(inputs.j1);
      return { events, keys, stateBytes: bytes, checksum };
    },
  },
  {
    name: 'j1',
    title: 'J1 declared: file, ingest, logs, tasks, null sink',
    prepare: (inputs) => prepareJ1(inputs.j1, logsIn(inputs)),
  },
  {
    name: 'parse-places',
    title: 'JSON.parse alone, lines of places',
    prepare: async (inputs) => () => parseAll(Object.values(inputs.places).flat()),
  },
  {
    name: 'places-features',
    title: 'places, features alone, from memory',
    prepare: preparePlacesFeatures,
  },
  {
    name: 'places-views',
    title: 'places, features: file, ingest, logs, tasks, null sink',
    prepare: (inputs) => preparePlaces(parts.views, inputs),
  },
  {
    name: 'places-scores',
    title: 'places whole to a null sink, monitors off',
    prepare: (inputs) => preparePlaces(parts.scores, inputs),
  },
  {
    name: 'places-monitors',
    title: 'places whole to a null sink, monitors on',
    prepare: (inputs) => preparePlaces(parts.monitors, inputs),
  },
];
