import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { WeirError } from '../errors.js';
import { type Bins, binCount } from '../stats/bins.js';
import { parseBins } from '../stats/parse-bins.js';
import { type FeatureReference, hashOfContent, type Reference } from './reference.js';
import { seasonsOf } from './season.js';

const count = z.int().min(0);
const counts = z.array(count);
const time = z.iso.datetime({ precision: 3 }).transform((text) => Date.parse(text));

const featureSchema = z.strictObject({
  name: z.string().min(1),
  window_ms: count,
  bins: z.unknown(),
  n: z.int().min(1),
  counts,
  seasons: z.array(counts).nullable(),
  segments: z.array(z.strictObject({ segment: z.string().min(1), counts })).default([]),
});

const figureSchema = z.strictObject({
  name: z.string().min(1),
  values: z.array(z.number()).min(1),
  n: count,
});

const numbers = z.array(z.number());

const covariateSchema = z
  .strictObject({
    group: z.string().min(1),
    features: z.array(z.string()).min(2),
    map: z.strictObject({ means: numbers, bandwidth: z.number().gt(0), frequencies: numbers }),
    count,
    sums: numbers,
  })
  .refine(({ features: { length }, map, sums }) => {
    const isRight = map.means.length === length && map.frequencies.length % length === 0;
    return isRight && sums.length * length === 2 * map.frequencies.length;
  }, 'a map, frequencies and sums of as many columns as features');

const labelledSchema = z.strictObject({ negative: counts, positive: counts });

const fileSchema = z.strictObject({
  format: z.literal('weir-reference'),
  version: z.union([z.literal(1), z.literal(2)]),
  id: z.string(),
  hash: z.string(),
  monitor: z.string().min(1),
  model: z.string().min(1),
  model_version: z.string(),
  period_ms: z.int().min(1),
  created_from: z.string(),
  from: time,
  to: time,
  features: z.array(featureSchema).min(1),
  figures: z.array(figureSchema).default([]),
  covariates: z.array(covariateSchema).default([]),
  labelled: labelledSchema.optional(),
});

type FeatureInFile = z.infer<typeof featureSchema>;

/** The text of a reference's file: one JSON object with snake_case names and ISO 8601 times. */
export function referenceText(reference: Reference): string {
  const { format, version, id, hash, monitor, model } = reference;
  const features = reference.features.map((feature) => {
    const { name, windowMs, bins, n, counts, seasons, segments } = feature;
    const own = { name, window_ms: windowMs, bins, n, counts, seasons };
    return version === 1 ? own : { ...own, segments };
  });
  const head = {
    format,
    version,
    id,
    hash,
    monitor,
    model,
    model_version: reference.modelVersion,
    period_ms: reference.periodMs,
    created_from: reference.createdFrom,
    from: new Date(reference.fromMs).toISOString(),
    to: new Date(reference.toMs).toISOString(),
  };
  const { figures, covariates, labelled } = reference;
  const more = version === 1 ? {} : { figures, covariates, labelled };
  return `${JSON.stringify({ ...head, features, ...more })}\n`;
}

/**
 * Reads the text of a reference's file and checks all of it: shape, ascending edges, sums, hash.
 * @throws WeirError reference-invalid
 */
export function parseReference(text: string, path: string): Reference {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    refuse(path, 'JSON', (cause as Error).message, cause); // JSON.parse throws only SyntaxError
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join('.') ?? '';
    refuse(
      path,
      'a weir-reference of version 1 or 2',
      `${place === '' ? '' : `${place}: `}${issue?.message}`,
    );
  }
  const file = parsed.data;
  const reference: Reference = {
    format: file.format,
    version: file.version,
    id: file.id,
    hash: file.hash,
    monitor: file.monitor,
    model: file.model,
    modelVersion: file.model_version,
    periodMs: file.period_ms,
    createdFrom: file.created_from,
    fromMs: file.from,
    toMs: file.to,
    features: file.features.map((feature) => parseFeature(feature, file.period_ms, path)),
    figures: file.figures,
    covariates: file.covariates,
    ...(file.labelled === undefined ? {} : { labelled: file.labelled }),
  };
  const score = reference.features.find(({ name }) => name === 'score');
  for (const one of Object.values(file.labelled ?? {})) {
    const expected = score?.counts.length ?? 0;
    if (one.length !== expected) refuse(path, `${expected} labelled counts`, `${one.length}`);
  }
  const hash = hashOfContent(reference, reference.version);
  if (hash !== reference.hash || reference.id !== `ref-${hash.slice(0, 12)}`) {
    refuse(path, `the content of ${reference.id}`, 'content that does not match its hash');
  }
  return reference;
}

function parseFeature(feature: FeatureInFile, periodMs: number, path: string): FeatureReference {
  const { name, window_ms: windowMs, n, counts, seasons } = feature;
  const bins = parseBins(feature.bins);
  if (bins === null) refuse(path, `bins of ${name} that ascend`, 'others');
  checkCounts(counts, bins, n, `counts of ${name}`, path);
  if (seasons !== null) {
    const expected = seasonsOf(periodMs) ?? 0;
    if (seasons.length !== expected) {
      refuse(path, `${expected} seasons of ${name}`, `${seasons.length}`);
    }
    const total = counts.map((_, bin) =>
      seasons.reduce((sum, slice) => sum + (slice[bin] ?? 0), 0),
    );
    const whole = seasons.every((slice) => slice.length === counts.length);
    if (!whole || total.some((sum, bin) => sum !== counts[bin])) {
      refuse(path, `seasons of ${name} that add up to its counts`, 'others');
    }
  }
  const { segments } = feature;
  const foreign = segments.find((one) => one.counts.length !== counts.length);
  if (foreign !== undefined) {
    refuse(path, `${counts.length} counts of ${name}, ${foreign.segment}`, 'others');
  }
  return { name, windowMs, bins, n, counts, seasons, segments };
}

function checkCounts(
  counts: readonly number[],
  bins: Bins,
  n: number,
  what: string,
  path: string,
): void {
  if (counts.length !== binCount(bins)) {
    refuse(path, `${binCount(bins)} ${what}, one for each bin`, `${counts.length}`);
  }
  const sum = counts.reduce((total, one) => total + one, 0);
  if (sum !== n) refuse(path, `${what} that add up to n = ${n}`, `${sum}`);
}

/**
 * Reads a reference from a file.
 * @throws WeirError no-reference where there is none, reference-invalid where it is not sound
 */
export function readReference(path: string): Reference {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'; // what fs throws
    throw new WeirError(
      missing ? 'no-reference' : 'reference-invalid',
      `${path}: expected a reference; found ${missing ? 'no file' : 'one that cannot be read'}; make one with 'weir reference capture'`,
      { cause, place: { path } },
    );
  }
  return parseReference(text, path);
}

/**
 * Writes a reference to a file, whole or not at all.
 * @throws WeirError disk-failed
 */
export function writeReference(reference: Reference, path: string): void {
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(part, referenceText(reference), { flush: true });
    renameSync(part, path);
  } catch (cause) {
    throw new WeirError(
      'disk-failed',
      `${path}: expected to write a reference; found ${(cause as Error).message}; make room or choose another place`,
      { cause, place: { path } },
    );
  }
}

function refuse(path: string, expected: string, found: string, cause?: unknown): never {
  throw new WeirError(
    'reference-invalid',
    `${path}: expected ${expected}; found ${found}; capture the reference again with 'weir reference capture'`,
    { cause, place: { path } },
  );
}
