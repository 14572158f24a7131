import { WeirError } from '../errors.js';
import type { MonitorDefinition } from './definition.js';
import type { ReferenceWindow } from './emission.js';
import type { Reference } from './reference.js';
import { parseReference } from './reference-file.js';

/** What a running monitor is held against. */
export interface ReferenceUse {
  readonly definition: MonitorDefinition;
  readonly modelVersion: string;
  readonly reference: ReferenceWindow | null;
  /** What takes its place, ascending. */
  readonly switches: readonly { readonly fromMs: number; readonly reference: ReferenceWindow }[];
}

export type Fitting =
  | { readonly ok: true; readonly reference: Reference }
  | { readonly ok: false; readonly reason: string };

/** Why a reference is not one of a monitor and a version of its model; null where it is. */
export function whyUnfit(
  reference: Reference,
  { name, model, periodMs }: MonitorDefinition,
  version: string,
): string | null {
  const whose = (monitor: string, of: string, modelVersion: string, ms: number): string =>
    `monitor ${monitor}, model ${of} version ${modelVersion}, periods of ${ms / 3_600_000} h`;
  const expected = whose(name, model, version, periodMs);
  const { monitor, modelVersion } = reference;
  const found = whose(monitor, reference.model, modelVersion, reference.periodMs);
  if (expected === found) return null;
  return `expected a reference of ${expected}; found one of ${found}`;
}

/** Told of a reference that stands in the log and is not taken up. */
export type OnUnfit = (error: WeirError) => void;

/** It fitted when it was said: another version of the model, or of Weir, reads the log by now. */
export function unfitInLog({ name }: MonitorDefinition, reason: string): WeirError {
  const remedy = `say one that fits with 'weir reference use'; until then ${name} is held against what it was, or nothing`;
  return new WeirError('reference-invalid', `a command in the log: ${reason}; ${remedy}`);
}

/** The reference of a file's text, if a monitor can be held against it. */
export function fittingReference(
  text: string,
  definition: MonitorDefinition,
  version: string,
): Fitting {
  let reference: Reference;
  try {
    reference = parseReference(text, 'reference');
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    return { ok: false, reason: error.message };
  }
  const reason = whyUnfit(reference, definition, version);
  return reason === null ? { ok: true, reference } : { ok: false, reason };
}
