import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { WeirError } from '../errors.js';
import { compareReferences, type ReferenceDifference } from '../monitors/compare-references.js';
import type { Reference } from '../monitors/reference.js';
import { readReference } from '../monitors/reference-file.js';

const day = (timeMs: number): string => new Date(timeMs).toISOString();

/** `weir reference list`: the references of a directory. */
export function referenceListCommand(): Command {
  return new Command('list')
    .description('list the references in a directory')
    .argument('[directory]', 'where *.reference.json lie', 'models')
    .option('--json', 'one JSON object per line')
    .action(list);
}

/** `weir reference show`: what one holds, or how two differ. */
export function referenceShowCommand(): Command {
  return new Command('show')
    .description('show what a reference holds, or how two of them differ')
    .argument('<file>', 'a reference')
    .argument('[other]', 'another to compare it with')
    .option('--json', 'one JSON object per line')
    .action(show);
}

interface Output {
  readonly json?: true;
}

const columns = ['id', 'monitor', 'model', 'from', 'to', 'features', 'figures', 'file'] as const;

function list(directory: string, { json }: Output): void {
  const found = referenceFiles(directory).map((path) => summaryOf(readReference(path), path));
  if (json) {
    for (const about of found) console.log(JSON.stringify(about));
    return;
  }
  const rows = [columns, ...found.map((about) => Object.values(about).map(String))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((one, i) => one.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
}

/** The references of a directory, by name. */
export function referenceFiles(directory: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    throw new WeirError('wrong-use', `${directory}: expected a directory; found none`, { cause });
  }
  const found = names.filter((name) => name.endsWith('reference.json')).sort();
  return found.map((name) => join(directory, name));
}

function summaryOf(reference: Reference, path: string) {
  const { id, monitor, model, modelVersion, fromMs, toMs, features, figures } = reference;
  return {
    id,
    monitor,
    model: `${model} ${modelVersion}`,
    from: day(fromMs),
    to: day(toMs),
    features: features.length,
    figures: figures.length,
    path,
  };
}

function show(file: string, other: string | undefined, { json }: Output): void {
  const reference = readReference(file);
  if (other !== undefined) {
    compare(reference, readReference(other), json === true);
    return;
  }
  const { hash, periodMs, createdFrom } = reference;
  if (json) {
    const more = { hash, period_ms: periodMs, created_from: createdFrom };
    console.log(JSON.stringify({ ...summaryOf(reference, file), ...more }));
    return;
  }
  const { id, monitor, model, modelVersion, fromMs, toMs } = reference;
  console.log(`${id} of monitor ${monitor}, model ${model} ${modelVersion}`);
  console.log(`hash ${hash}`);
  console.log(`${day(fromMs)} to ${day(toMs)}, periods of ${periodMs / 3_600_000} h`);
  console.log(`made from ${createdFrom}`);
  for (const { name, n, bins, seasons, segments } of reference.features) {
    const slices = seasons === null ? '' : `, ${seasons.length} seasons`;
    const parts = segments.length === 0 ? '' : `, ${segments.length} segments`;
    console.log(`  ${name}: ${n} samples, ${bins.kind}${slices}${parts}`);
  }
  for (const { name, values, n } of reference.figures) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    console.log(`  ${name}: ${mean.toPrecision(4)} over ${values.length} periods, ${n} samples`);
  }
}

function compare(first: Reference, second: Reference, json: boolean): void {
  for (const one of compareReferences(first, second)) {
    if (json) {
      console.log(JSON.stringify(one));
      continue;
    }
    console.log(`${one.feature}: ${differenceText(one)}`);
  }
}

function differenceText(one: ReferenceDifference): string {
  const { nFirst, nSecond, distance, nullsFirst, nullsSecond, lackedBy } = one;
  if (lackedBy !== null) {
    const [n, nulls] = lackedBy === 'first' ? [nSecond, nullsSecond] : [nFirst, nullsFirst];
    const there = lackedBy === 'first' ? 'second' : 'first';
    return `the ${lackedBy} lacks it; ${n} samples in the ${there}, nulls ${shareText(nulls)}`;
  }
  const apart = distance === null ? 'not comparable' : `distance ${distance.toFixed(3)}`;
  const nulls = `nulls ${shareText(nullsFirst)} and ${shareText(nullsSecond)}`;
  return `${apart}, ${nulls}, ${nFirst} and ${nSecond} samples`;
}

function shareText(share: number | null): string {
  return share === null ? '-' : share.toFixed(3);
}
