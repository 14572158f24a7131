import type { Check } from './check.js';
import type { Command } from './command.js';
import type { MonitorDefinition } from './definition.js';
import type { Emission, ReferenceWindow } from './emission.js';
import type { FeatureChange } from './feature-change.js';
import type { PolicyState } from './policy-state.js';
import type { Importance } from './ranking.js';
import type { Signal } from './signal.js';

/** What the policy decides on. */
export type PolicyInput =
  | {
      readonly kind: 'checks';
      readonly periodStartMs: number;
      readonly periodEndMs: number;
      readonly checks: readonly Check[];
      readonly reference: ReferenceWindow | null;
      /** Longest window of a feature under watch, ms; 0 by default. */
      readonly longestWindowMs?: number;
      /** By feature, ms. */
      readonly windowsMs?: Readonly<Record<string, number>>;
      /** How the features that drift changed. */
      readonly changes?: readonly FeatureChange[];
      readonly importance?: Importance | null;
      /** Scores whose labels became known in the period, all of them; 0 by default. */
      readonly labelled?: number;
    }
  | { readonly kind: 'model'; readonly version: string; readonly atMs: number }
  /** `position`: place in the log, larger than that of all commands before. */
  | { readonly kind: 'command'; readonly command: Command; readonly position: number };

export type ChecksInput = Extract<PolicyInput, { readonly kind: 'checks' }>;

export interface PolicyStep {
  readonly state: PolicyState;
  readonly emissions: readonly Emission[];
}

/** What a period is judged with. */
export interface Now {
  readonly definition: MonitorDefinition;
  readonly input: ChecksInput;
  readonly signals: readonly Signal[];
}
