import type { FeatureValue, ViewShape } from '../../../src/features/shape.js';
import type { Latest } from '../../../src/records/vector.js';

/** One feature of each type. */
export const user: ViewShape = {
  name: 'user',
  key: 'user_id',
  hash: '0123456789abcdef',
  features: [
    { name: 'clicks_1h', type: 'integer', comment: '' },
    { name: 'ctr_24h', type: 'number', comment: '' },
    { name: 'last_kind', type: 'text', comment: '' },
    { name: 'last_time', type: 'time', comment: '' },
    { name: 'by_hour', type: 'integers', length: 3, comment: '' },
    { name: 'top_kinds', type: 'counts', comment: '' },
  ],
};

export const profile: ViewShape = {
  name: 'profile',
  key: 'user_id',
  hash: 'fedcba9876543210',
  features: [{ name: 'clicks', type: 'integer', comment: '' }],
};

export const values: readonly FeatureValue[] = [
  7,
  0.1,
  'click',
  Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  [1, 0, 2],
  [['click', 4]],
];

/** A vector at position (1, n), as of n seconds after 2026 began. */
export function latest(key: string | number, n: number, more: Partial<Latest> = {}): Latest {
  const asOfMs = Date.UTC(2026) + n * 1_000;
  const position = { epoch: 1, n };
  return { view: user, key, asOfMs, validUntilMs: asOfMs + 60_000, position, values, ...more };
}
