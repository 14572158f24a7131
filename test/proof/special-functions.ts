// Proves the special functions against mpmath: prints the worst relative error over wide grids into
// the far tails, and fails where one is above 1e-10.
// Usage: node .build/test/proof/special-functions.js [--write-docs]
import { reportClaims } from './claim.js';
import { specialFunctionsClaims } from './special-functions-claims.js';

reportClaims('special-functions', specialFunctionsClaims(), process.argv.includes('--write-docs'));
