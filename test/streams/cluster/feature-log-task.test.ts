import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeBatch } from '../../../src/operators/route-batch.js';
import { builtInPipelines } from '../../../src/pipelines/built-in.js';
import { latestJson } from '../../../src/records/json.js';
import { featureKinds } from '../../../src/streams/cluster/feature-kinds.js';
import type { FeatureLogTask } from '../../../src/streams/cluster/feature-log-task.js';
import { FrameCache } from '../../../src/streams/cluster/frame-cache.js';
import { encodeMessage, headerOf } from '../../../src/streams/cluster/frame-message.js';
import { IngestLane } from '../../../src/streams/cluster/ingest-lane.js';
import { namesOf } from '../../../src/streams/cluster/names.js';
import { defaultIngestSettings } from '../../../src/streams/ingest/batch-builder.js';

const places = builtInPipelines.find(({ name }) => name === 'places')!;
const user = places.stages.find(({ name }) => name === 'user')!;
const topicIndex = places.topics.findIndex(({ topic }) => topic === 'interactions');
const nowMs = Date.parse('2026-01-02T00:00:00Z');

/** The one task of the users' stage, with one click of u1 at 10:00. */
function taskWithOneClick(): FeatureLogTask {
  const [kind] = featureKinds({
    pipeline: { ...places, stages: [user] },
    names: namesOf('weir.', 'places'),
    partitions: 1,
    epoch: 1,
    latenessMs: defaultIngestSettings.latenessMs,
    disorderMs: defaultIngestSettings.disorderMs,
    probes: [],
    cache: new FrameCache(),
    outputs: () => [],
  });
  const task = kind!.create(0) as FeatureLogTask; // the kinds of feature stages
  const text =
    '{"user_id":"u1","place_id":"p1","event_type":"click","timestamp":"2026-01-01T10:00:00Z"}';
  const settings = { topics: places.topics, topicIndex, partition: 0, batchChars: 1_000 };
  const lane = new IngestLane({ ...settings, ingest: defaultIngestSettings }, null, [], nowMs);
  const [judged] = [...lane.take([{ offset: 0, text, fault: '' }], 1, nowMs)];
  const { batch, clockMs, from, behind } = judged!;
  const header = headerOf(batch, { from, behind, clockMs, lanes: { interactions: 1 } });
  const room = { bytes: Buffer.allocUnsafeSlow(1_024) };
  const value = encodeMessage(routeBatch(batch, user, 1)[0]!, header, room);
  task.process([{ offset: 0, key: '', value }]);
  return task;
}

test('every vector is told as of its own instant, or as of a later one that is asked for', () => {
  const task = taskWithOneClick();
  const at = (time: string | null) => {
    const atMs = time === null ? Number.NEGATIVE_INFINITY : Date.parse(time);
    const [latest, ...others] = [...task.all(atMs)].flat();
    assert.deepEqual(others, []);
    const { key, as_of, features } = JSON.parse(latestJson(latest!));
    const { clicks_1h, clicks_24h, hours_since_last } = features;
    return [key, as_of, clicks_1h, clicks_24h, hours_since_last];
  };
  const own = ['u1', '2026-01-01T10:00:00.000Z', 1, 1, 0];
  assert.deepEqual(at(null), own);
  assert.deepEqual(at('2026-01-01T09:00:00Z'), own);
  assert.deepEqual(at('2026-01-01T12:30:00Z'), ['u1', '2026-01-01T12:30:00.000Z', 0, 1, 2.5]);
});
