import type { Reference } from './reference.js';
import { parseReference, referenceText } from './reference-file.js';

/** A reference that takes the place of the one in use, from the period that starts then on. */
export interface ReferenceSwitch {
  readonly fromMs: number;
  readonly reference: Reference;
}

/** As a snapshot has it: the reference as its whole text. */
export interface KeptSwitch {
  readonly fromMs: number;
  readonly reference: string;
}

/** Switches ascend: a new one takes the place of those that would come then or later. */
export function withSwitch(
  switches: readonly ReferenceSwitch[],
  next: ReferenceSwitch,
): readonly ReferenceSwitch[] {
  return [...switches.filter(({ fromMs }) => fromMs < next.fromMs), next];
}

/** The last one that is due at a time, and those that come later; null where none is due. */
export function dueSwitch(switches: readonly ReferenceSwitch[], atMs: number) {
  const due = switches.findLast(({ fromMs }) => fromMs <= atMs);
  if (due === undefined) return null;
  return { reference: due.reference, later: switches.filter(({ fromMs }) => fromMs > atMs) };
}

/** References are never changed, and written again with every snapshot. */
const texts = new WeakMap<Reference, string>();

/** The reference as its text, for a snapshot. */
export function keepReference(reference: Reference | null): string | null {
  if (reference === null) return null;
  const text = texts.get(reference) ?? referenceText(reference);
  texts.set(reference, text);
  return text;
}

export function resumeReference(text: string | null): Reference | null {
  return text === null ? null : parseReference(text, 'snapshot');
}

export function keepSwitches(switches: readonly ReferenceSwitch[]): readonly KeptSwitch[] {
  return switches.map(({ fromMs, reference }) => ({
    fromMs,
    reference: keepReference(reference)!, // a switch has one
  }));
}

export function resumeSwitches(kept: readonly KeptSwitch[]): readonly ReferenceSwitch[] {
  return kept.map(({ fromMs, reference }) => ({
    fromMs,
    reference: parseReference(reference, 'snapshot'),
  }));
}
