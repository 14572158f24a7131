// Proves the statistics against scipy, statsmodels, scikit-learn and numpy, and by simulation the
// laws that have no outside value. Prints the worst figures and fails where a bound is missed.
// Takes some minutes.
// Usage: node .build/test/proof/statistics.js [--runs 4000] [--rows 5000] [--write-docs]
import { parseArgs } from 'node:util';
import { reportClaims } from './claim.js';
import { nullLawsClaims } from './null-laws-claims.js';
import { statisticsClaims } from './statistics-claims.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '4000' },
    rows: { type: 'string', default: '5000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const claims = [
  ...statisticsClaims(),
  ...nullLawsClaims(Number(options.runs), Number(options.rows)),
];
reportClaims('statistics', claims, options['write-docs']);
