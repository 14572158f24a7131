const EULER = 0.5772156649015329;

/** `zeta(k) - 1` for k = 2, 3, ...: the Taylor coefficients of log-gamma around 2, times k. */
const ZETA_LESS_ONE = [
  0.6449340668482264, 0.20205690315959429, 0.0823232337111382, 0.03692775514336993,
  0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143,
  0.0009945751278180853, 0.0004941886041194646, 0.0002460865533080483, 0.00012271334757848915,
  6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5, 7.637197637899763e-6,
  3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8,
  1.490155482836504e-8, 7.450711789835428e-9, 3.725334024788457e-9, 1.862659723513049e-9,
];

/** `log Gamma(2 + z)` for |z| <= 0.5; keeps full relative accuracy at its zero z = 0. */
function aroundTwo(z: number): number {
  let sum = 0;
  for (let i = ZETA_LESS_ONE.length - 1; i >= 0; i--) {
    const k = i + 2;
    sum = sum * -z + ZETA_LESS_ONE[i]! / k;
  }
  return z * (1 - EULER + z * sum);
}

const HALF_LOG_2PI = 0.9189385332046728;

/**
 * `log Gamma(x)` for x > 0; Infinity at 0, NaN below. Within 4e-16 of the larger of 1 and |value|.
 * Taylor series around 2 with recurrences below 10, Stirling's series above (Abramowitz and Stegun
 * 6.1.33 and 6.1.41).
 */
export function logGamma(x: number): number {
  if (!(x >= 0)) return Number.NaN;
  if (x === 0) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return aroundTwo(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return aroundTwo(x - 1) - Math.log1p(x - 1);
  if (x <= 10) {
    let product = 1;
    let y = x;
    while (y > 2.5) {
      y -= 1;
      product *= y;
    }
    return aroundTwo(y - 2) + (product === 1 ? 0 : Math.log(product));
  }
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_2PI + stirlingSeries(x);
}

/** `log Gamma(1 + x)` for x > -1/2 with full relative accuracy near 0, where 1 + x would round. */
export function logGammaOfOnePlus(x: number): number {
  return Math.abs(x) < 0.5 ? aroundTwo(x) - Math.log1p(x) : logGamma(1 + x);
}

/** `1/(12x) - 1/(360x^3) + ...`, the tail of Stirling's series; x >= 10. */
function stirlingSeries(x: number): number {
  const r = 1 / x;
  const s = r * r;
  const tail = 5.952380952380952e-4 - s * (8.417508417508417e-4 - s * 1.9175269175269176e-3);
  const inner = 7.936507936507937e-4 - s * (tail - s * s * s * 6.41025641025641e-3);
  return r * (1 / 12 - s * (1 / 360 - s * inner));
}

/**
 * Stirling's error, `log Gamma(x + 1) - (x + 1/2) log x + x - log(2 pi)/2`, for x > 0.
 * What remains of a binomial or Poisson mass when its exponent is written as a deviance (Loader,
 * "Fast and accurate computation of binomial probabilities", 2000).
 */
export function stirlingError(x: number): number {
  if (x >= 10) return stirlingSeries(x);
  return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_2PI;
}
