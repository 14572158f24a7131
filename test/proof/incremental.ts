// Proves that what is kept up event by event equals what is computed from scratch, and the moments
// against NIST's certified figures. Prints the worst figures and fails where a bound is missed.
// Usage: node .build/test/proof/incremental.js [--updates 1000000] [--write-docs]
import { parseArgs } from 'node:util';
import { reportClaims } from './claim.js';
import { paneClaims, slidingClaims } from './incremental-claims.js';
import { mergedMomentsClaims, nistClaims, viewMomentsClaims } from './moments-claims.js';

const { values: options } = parseArgs({
  options: {
    updates: { type: 'string', default: '1000000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const updates = Number(options.updates);
const claims = [
  ...slidingClaims(updates),
  ...paneClaims(updates),
  ...viewMomentsClaims(updates),
  ...mergedMomentsClaims(updates),
  ...nistClaims(),
];
reportClaims('incremental', claims, options['write-docs']);
