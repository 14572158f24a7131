import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createWorld } from '../../../src/generate/world.js';
import type { Step } from '../../../src/operators/step.js';
import { place, user } from '../../../src/pipelines/places.js';
import { ranker } from '../../../src/pipelines/places-ranker.js';
import { scoreJson } from '../../../src/records/json.js';
import type { Score } from '../../../src/records/score.js';
import type { LogMessage } from '../../../src/streams/cluster/log-task.js';
import { scoreHeaders } from '../../../src/streams/cluster/score-headers.js';
import { ScoringLogTask } from '../../../src/streams/cluster/scoring-log-task.js';
import type { ScoreRecord } from '../../../src/streams/cluster/scoring-output.js';
import { type LoadedModels, loadModels } from '../../../src/streams/load-models.js';
import { pipeline } from '../../../src/streams/pipeline.js';
import { seeded } from '../../monitors/simulation.js';
import { createWorldRun, runDays } from '../../proof/world-run.js';
import { needs } from '../../servers.js';
import { decodeScore, encodeScore } from './score-messages.js';
import { emitAll } from './scoring-emitters.js';
import { collected, takeAll } from './scoring-restarts.js';
import { openTopics, type TestTopics } from './scoring-topics.js';

const places = pipeline({ name: 'places', views: [user, place], models: [ranker] });
const partitions = 4;
const world = createWorld({ seed: 11, users: 400, places: 260, disorder: 0.1 });
const steps: Step[] = [];
/** What the graph in one process scores, by scoring partition. */
const expected: Score[][] = Array.from({ length: partitions }, () => []);
let loaded: LoadedModels;
let topics: TestTopics | null = null;

before(async () => {
  loaded = await loadModels(places, 'without references');
  const onStep = (step: Step) => {
    steps.push(step);
    for (const { score, partition } of step.scores) expected[partition]!.push(score);
  };
  const run = createWorldRun({ pipeline: places, loaded, partitions, batchRecords: 24, onStep });
  await runDays(run, world, 0, 1);
});
after(() => topics?.close());

interface Scored {
  readonly records: readonly ScoreRecord[];
  readonly task: ScoringLogTask;
}

/** A scoring task over a whole partition, started again at random from what it dumped. */
async function scoreAll(
  messages: readonly LogMessage[],
  partition: number,
  random: () => number,
): Promise<Scored> {
  const records: ScoreRecord[] = [];
  const create = () =>
    new ScoringLogTask({
      models: places.models,
      loaded,
      monitors: [],
      epoch: 0,
      partition,
      scores: collected(records),
      monitor: collected([]),
      clock: () => 0,
    });
  const task = await takeAll(create, messages, random);
  return { records, task };
}

/** The first record of each position, in the order of the records. */
function firstsOf(records: readonly ScoreRecord[]): Score[] {
  const firsts = new Map<number, Score>();
  for (const { score } of records) {
    if (!firsts.has(score.position.n)) firsts.set(score.position.n, score);
  }
  return [...firsts.values()];
}

test('tasks apart score as one graph does, whatever the order, restarts and repeats', {
  ...needs('kafka'),
}, async () => {
  topics = await openTopics('scoring');
  const { producer } = topics;
  for (const seed of [1, 2, 3]) {
    const random = seeded(seed);
    const log = await topics.create(`${seed}.log.scoring`, partitions);
    const scores = await topics.create(`${seed}.scores`, partitions);
    const settings = { pipeline: places, partitions, monitors: [], steps };
    let pending: { partition: number; value: Buffer }[] = [];
    const send = async () => {
      if (pending.length > 0) await producer.send({ topic: log, acks: -1, messages: pending });
      pending = [];
    };
    await emitAll(settings, random, async ({ halves }) => {
      pending.push(...halves);
      if (pending.length > 60) await send();
    });
    await send();
    let repeated = 0;
    let written = 0;
    for (const [partition, messages] of (await topics.read(log)).entries()) {
      const { records, task } = await scoreAll(messages, partition, random);
      repeated += task.state.repeated;
      assert.deepEqual([task.state.missing, task.foreign], [0, 0]);
      const made = records.map((record) => {
        const value = encodeScore(record);
        return { partition, key: String(record.score.key), value, headers: scoreHeaders(record) };
      });
      await producer.send({ topic: scores, acks: -1, messages: made });
    }
    assert.ok(repeated > 0, 'no half was ever appended twice');
    for (const [partition, messages] of (await topics.read(scores)).entries()) {
      const records = messages.map((message) => decodeScore(message)!);
      written += records.length;
      assert.deepEqual(firstsOf(records).map(scoreJson), expected[partition]!.map(scoreJson));
    }
    assert.ok(written > 1.05 * expected.flat().length, 'hardly a score was written twice');
  }
});
