import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { WeirError } from '../errors.js';
import { dayOf } from './day-of.js';
import { effectOf, type PlantedDrift } from './drifts.js';
import type { GeneratedRecord, GeneratedTopic } from './generated-record.js';
import { dayMs, type WorldOptions } from './options.js';
import { sourcesOf } from './records-from.js';
import type { World } from './world.js';

/** When to stop: after so many records of `interactions`, or after so many days. */
export type Extent = { readonly events: number } | { readonly days: number };

export interface WrittenFile {
  readonly name: string;
  readonly topic: GeneratedTopic;
  readonly partition: number;
  records: number;
}

/** What `manifest.json` says of the files beside it. */
export interface Manifest {
  readonly generator: 'places';
  readonly options: WorldOptions & { readonly start: string };
  readonly extent: Extent;
  /** Days begun. */
  readonly days: number;
  readonly files: readonly WrittenFile[];
  /** Records per topic. */
  readonly counts: Readonly<Record<GeneratedTopic, number>>;
  /** Records of `interactions` per fault, `none` included. */
  readonly faults: Readonly<Record<string, number>>;
  readonly drifts: readonly (PlantedDrift & { readonly from: string; readonly effect: string })[];
}

interface OpenFile {
  readonly file: WrittenFile;
  readonly descriptor: number;
}

function fileName(world: World, topic: GeneratedTopic, partition: number, gzip: boolean): string {
  const many = topic === 'interactions' && world.options.partitions > 1;
  return `${topic}${many ? `-${partition}` : ''}.ndjson${gzip ? '.gz' : ''}`;
}

/** Removes what an earlier run left in the directory, so that no stale partition is replayed. */
function removeEarlier(directory: string): void {
  let earlier: Partial<Manifest>;
  try {
    earlier = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  } catch {
    return;
  }
  for (const { name } of earlier.files ?? [])
    if (/^[a-z-]+(-\d+)?\.ndjson(\.gz)?$/.test(name))
      rmSync(join(directory, name), { force: true });
}

function openFiles(world: World, directory: string, gzip: boolean): OpenFile[] {
  mkdirSync(directory, { recursive: true });
  removeEarlier(directory);
  return sourcesOf(world).map(({ topic, partition }) => {
    const name = fileName(world, topic, partition, gzip);
    const file: WrittenFile = { name, topic, partition, records: 0 };
    return { file, descriptor: openSync(join(directory, name), 'w') };
  });
}

/**
 * Appends one day; with `gzip` each day is a member of its own, which readers join by themselves.
 */
function appendDay(open: OpenFile, records: readonly GeneratedRecord[], gzip: boolean): void {
  const { topic, partition } = open.file;
  const lines: string[] = [];
  for (const record of records)
    if (record.topic === topic && record.partition === partition) lines.push(record.line);
  if (lines.length === 0) return;
  const text = Buffer.from(`${lines.join('\n')}\n`);
  const bytes = gzip ? gzipSync(text) : text;
  for (let at = 0; at < bytes.length; ) at += writeSync(open.descriptor, bytes, at);
  open.file.records += lines.length;
}

/** Up to and with the interaction that fills the limit. */
function cut(records: readonly GeneratedRecord[], interactions: number): GeneratedRecord[] {
  const kept: GeneratedRecord[] = [];
  let left = interactions;
  for (const record of records) {
    if (left === 0) break;
    if (record.topic === 'interactions') left--;
    kept.push(record);
  }
  return kept;
}

function manifestOf(
  world: World,
  extent: Extent,
  days: number,
  files: readonly WrittenFile[],
  faults: Record<string, number>,
): Manifest {
  const { options } = world;
  const counts = { interactions: 0, 'place-updates': 0, context: 0 };
  for (const file of files) counts[file.topic] += file.records;
  const at = (day: number): string => new Date(options.startMs + day * dayMs).toISOString();
  const drifts = options.drifts.map((drift) => {
    return { ...drift, from: at(drift.day), effect: effectOf(drift) };
  });
  const stated = { ...options, start: at(0) };
  return { generator: 'places', options: stated, extent, days, files, counts, faults, drifts };
}

/** Writes one file per source partition day by day, then `manifest.json`. */
function writeAll(world: World, extent: Extent, out: string, write: WriteOptions): Manifest {
  const { gzip, onDay } = write;
  const open = openFiles(world, out, gzip);
  const faults: Record<string, number> = {};
  const most = 'days' in extent ? extent.days : Number.POSITIVE_INFINITY;
  let left = 'events' in extent ? extent.events : Number.POSITIVE_INFINITY;
  let day = 0;
  for (; day < most && left > 0; day++) {
    const records = cut(dayOf(world, day), left);
    for (const { topic, fault } of records) {
      if (topic !== 'interactions') continue;
      faults[fault] = (faults[fault] ?? 0) + 1;
      left--;
    }
    for (const file of open) appendDay(file, records, gzip);
    onDay?.(
      day + 1,
      open.reduce((sum, { file }) => sum + file.records, 0),
    );
  }
  for (const { descriptor } of open) closeSync(descriptor);
  const files = open.map(({ file }) => file);
  const manifest = manifestOf(world, extent, day, files, faults);
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

export interface WriteOptions {
  readonly gzip: boolean;
  readonly onDay?: (days: number, records: number) => void;
}

/** Writes a world to files; a full or refusing disk is `disk-full` or `disk-failed`. */
export function writeWorld(
  world: World,
  extent: Extent,
  directory: string,
  write: WriteOptions,
): Manifest {
  try {
    return writeAll(world, extent, directory, write);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause) || cause instanceof WeirError) throw cause;
    const code = cause.code === 'ENOSPC' ? 'disk-full' : 'disk-failed';
    throw new WeirError(
      code,
      `expected to write to ${directory}, found "${cause.message}"; free space or give another --out`,
      { cause, place: { path: directory } },
    );
  }
}
