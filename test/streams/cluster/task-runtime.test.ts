import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from '../../../src/sinks/kafka/client.js';
import type { LogMessage, LogTask, TaskKind } from '../../../src/streams/cluster/log-task.js';
import { TaskRuntime } from '../../../src/streams/cluster/task-runtime.js';
import { logSettings, snapshotSettings } from '../../../src/streams/cluster/topics.js';
import { needs } from '../../servers.js';
import { ownTopic, quiet, sharedKafka } from './kafka.js';

/** Adds up numbers; tells each sum with the offset it stands at. */
class Adder implements LogTask {
  sum = 0;
  readonly #told: Map<string, number>;
  readonly #partition: number;
  closed = false;
  /** Called before `ready` resolves. */
  static room: Promise<void> = Promise.resolve();

  constructor(partition: number, told: Map<string, number>) {
    this.#partition = partition;
    this.#told = told;
  }

  async take(messages: readonly LogMessage[]): Promise<void> {
    for (const { offset, value } of messages) {
      this.sum += Number(String(value));
      const place = `${this.#partition}/${offset}`;
      const before = this.#told.get(place);
      assert.ok(
        before === undefined || before === this.sum,
        `${place} told ${before}, ${this.sum}`,
      );
      this.#told.set(place, this.sum);
    }
  }
  ready = (): Promise<void> => Adder.room;
  flush = async (): Promise<void> => undefined;
  dump = () => new Map([['sum', [Buffer.from(String(this.sum))]]]);
  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    this.sum = Number(Buffer.from(parts.get('sum')!).toString());
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

const partitions = 4;

async function setting(t: TestContext) {
  const kafka = sharedKafka();
  const topic = await ownTopic(t, kafka, partitions, logSettings);
  const snapshotTopic = await ownTopic(t, kafka, partitions, snapshotSettings);
  const producer = kafka.producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  /** By partition and offset: the sum that was told. */
  const told = new Map<string, number>();
  const groupId = randomUUID();
  const kind: TaskKind = {
    name: 'adder',
    topic,
    definition: 'd',
    create: (partition) => new Adder(partition, told),
  };
  const open = async (snapshotEveryMs = 500): Promise<TaskRuntime> => {
    const runtime = new TaskRuntime({
      kafka,
      groupId,
      kinds: [kind],
      snapshotTopic: () => snapshotTopic,
      snapshotEveryMs,
      logsKeepMs: 0,
      log: quiet,
    });
    runtime.failed.catch((error) => assert.fail(error));
    await runtime.start();
    t.after(() => runtime.close());
    return runtime;
  };
  /** Expected sums, by partition and offset. */
  const expected = new Map<string, number>();
  const sums = Array.from({ length: partitions }, () => 0);
  const counts = Array.from({ length: partitions }, () => 0);
  const send = async (count: number): Promise<void> => {
    const messages = Array.from({ length: count }, (_, i) => {
      const partition = i % partitions;
      sums[partition]! += i;
      expected.set(`${partition}/${counts[partition]!++}`, sums[partition]!);
      return { partition, value: String(i) };
    });
    await producer.send({ topic, messages });
  };
  const settled = async (): Promise<void> => {
    while (told.size < expected.size) await delay(50);
    assert.deepEqual(new Map([...told].sort()), new Map([...expected].sort()));
  };
  return { kafka: kafka as Kafka, topic, open, send, settled, told };
}

describe('tasks that a group shares', needs('kafka'), () => {
  test('move between processes that come, leave and vanish, and miss and repeat nothing', async (t) => {
    const { open, send, settled } = await setting(t);
    const first = await open();
    await send(400);
    await settled();
    const second = await open();
    await send(400);
    await settled();
    await delay(1_500); // snapshots are written, logs trimmed behind them
    await second.close(); // without a snapshot: as good as killed
    await send(400);
    await settled();
    await first.stop();
    await send(400);
    const third = await open();
    await settled();
    assert.equal(third.tasks.length, partitions);
    assert.ok(third.tasks.every(({ snapshot }) => (snapshot?.next ?? 0) > 0));
  });

  test('wait while their sinks have no room, and go on by themselves', async (t) => {
    const { open, send, settled, told } = await setting(t);
    const runtime = await open(60_000);
    await send(4);
    await settled();
    let makeRoom = (): void => undefined;
    Adder.room = new Promise((resolve) => {
      makeRoom = resolve;
    });
    await send(40);
    while (runtime.tasks.some((held) => held.waiting === '')) await delay(50);
    const taken = told.size;
    await send(40);
    await delay(500);
    assert.equal(told.size, taken);
    Adder.room = Promise.resolve();
    makeRoom();
    await settled();
    assert.ok(runtime.tasks.every((held) => held.waiting === ''));
  });
});
