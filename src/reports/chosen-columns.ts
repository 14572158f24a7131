import { WeirError } from '../errors.js';
import type { MonitorSettings } from './monitor-settings.js';
import type { Untested } from './report.js';

/** Which columns are read: those asked for, but the one of time. */
export function wantedColumns({ columns, time }: MonitorSettings): (name: string) => boolean {
  if (columns === null) return (name) => name !== time;
  const chosen = new Set(columns);
  return (name) => chosen.has(name) && name !== time;
}

/**
 * The columns of both files, in the order of the reference, and why the others are not tested.
 * @throws WeirError wrong-use where a column that was asked for is in neither file
 */
export function sharedColumns(
  settings: MonitorSettings,
  reference: readonly string[],
  input: readonly string[],
): { readonly shared: readonly string[]; readonly untested: readonly Untested[] } {
  const there = new Set([...reference, ...input]);
  const absent = settings.columns?.find((name) => !there.has(name));
  if (absent !== undefined) {
    throw new WeirError(
      'wrong-use',
      `--columns: expected columns of the files; found ${absent}, which neither ${settings.reference} nor ${settings.input} has; check how it is written`,
    );
  }
  const ofReference = new Set(reference);
  const ofInput = new Set(input);
  const untested = [
    ...reference
      .filter((name) => !ofInput.has(name))
      .map((column) => ({ column, reason: notOfInput(settings) })),
    ...input
      .filter((name) => !ofReference.has(name))
      .map((column) => ({ column, reason: `not a column of the reference ${settings.reference}` })),
  ];
  return { shared: reference.filter((name) => ofInput.has(name)), untested };
}

/** @throws WeirError wrong-use where the input has no such column */
export function refuseTime({ time, input }: MonitorSettings, names: readonly string[]): void {
  if (time === null || names.includes(time)) return;
  throw new WeirError(
    'wrong-use',
    `--time: expected a column of ${input}; found ${time}; its columns are ${names.slice(0, 20).join(', ')}`,
  );
}

/** Why a column of the reference alone is not tested. */
export function notOfInput({ input }: MonitorSettings): string {
  return `not a column of the input ${input}`;
}

/** @throws WeirError input-unreadable where a file holds no rows */
export function refuseEmpty(path: string, rows: number, broken: string): void {
  if (rows > 0) return;
  const why = broken === '' ? 'found none' : `found only broken ones (${broken})`;
  throw new WeirError('input-unreadable', `${path}: expected rows, ${why}; give a file with data`, {
    place: { path },
  });
}
