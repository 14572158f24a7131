import { dayOf } from './day-of.js';
import { dayOfOffset, type GeneratedRecord, type GeneratedTopic } from './generated-record.js';
import type { World } from './world.js';

/** Endless records in order of arrival from record `skip` of a day on; holds one day at a time. */
export function* recordsFrom(world: World, day: number, skip = 0): Generator<GeneratedRecord> {
  for (let today = day, from = skip; ; today++) {
    const records = dayOf(world, today);
    for (let i = from; i < records.length; i++) {
      const record = records[i];
      if (record !== undefined) yield record;
    }
    from = Math.max(0, from - records.length);
  }
}

export interface GeneratedSource {
  readonly topic: GeneratedTopic;
  readonly partition: number;
}

/** All source partitions of a world. */
export function sourcesOf(world: World): GeneratedSource[] {
  const interactions = Array.from({ length: world.options.partitions }, (_, partition) => ({
    topic: 'interactions' as const,
    partition,
  }));
  return [
    ...interactions,
    { topic: 'place-updates', partition: 0 },
    { topic: 'context', partition: 0 },
  ];
}

/**
 * Endless records after those already taken: `lastOffset` gives the last offset taken of a source
 * partition, undefined where nothing was. Goes back to the day of the partition furthest behind.
 */
export function* recordsAfter(
  world: World,
  lastOffset: (topic: GeneratedTopic, partition: number) => number | undefined,
): Generator<GeneratedRecord> {
  const days = sourcesOf(world).map(({ topic, partition }) =>
    dayOfOffset(lastOffset(topic, partition) ?? 0),
  );
  const taken = new Map(
    sourcesOf(world).map((source) => [
      `${source.topic}/${source.partition}`,
      lastOffset(source.topic, source.partition) ?? -1,
    ]),
  );
  for (const record of recordsFrom(world, Math.min(...days))) {
    if (record.offset > (taken.get(`${record.topic}/${record.partition}`) ?? -1)) yield record;
  }
}
