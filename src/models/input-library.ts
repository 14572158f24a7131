import { library } from '../features/functions.js';
import { canonicalKey } from '../windows/key-table.js';

/** What compiled inputs call; NaN stands for null. */
export const inputLibrary = {
  ...library,
  key: (value: string | number | null): string | number | null =>
    value === null ? null : canonicalKey(value),
  num: (value: number | null | undefined): number => value ?? Number.NaN,
  finite: (value: number): number => (Number.isFinite(value) ? value : Number.NaN),
} as const;
