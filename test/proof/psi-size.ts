// Proves the p-value that is told of PSI: prints the share of runs without drift in which it is
// below 5 % and 0.1 %, and fails where one is above 6 % or 0.2 %, or, where rows are not few, below
// 4 %. Takes some minutes.
// Usage: node .build/test/proof/psi-size.js [--runs 20000] [--write-docs]
import { parseArgs } from 'node:util';
import { reportClaims } from './claim.js';
import { psiSizeClaims } from './psi-size-claims.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
reportClaims('psi-size', psiSizeClaims(Number(options.runs)), options['write-docs']);
