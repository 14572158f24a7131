/**
 * The x in [low, high] where the decreasing, positive `f` takes the value `target`; the nearer end
 * if it is taken outside. Regula falsi on log f with the Illinois weights, bisection where it
 * stalls; exact to a few units in the last place of x.
 */
export function invertDecreasing(
  f: (x: number) => number,
  target: number,
  low: number,
  high: number,
): number {
  const goal = Math.log(target);
  // A finite stand-in for log 0 keeps the secant defined; bisection then does the first steps.
  const gap = (x: number) => Math.max(Math.log(f(x)), -1e6) - goal;
  let a = low;
  let b = high;
  let fa = gap(a);
  let fb = gap(b);
  if (fa <= 0) return a;
  if (fb >= 0) return b;
  let side = 0;
  for (let step = 0; step < 200; step++) {
    const width = b - a;
    if (width <= 4e-16 * Math.max(Math.abs(a), Math.abs(b))) break;
    let x = fb < -1e5 || step % 8 === 7 ? a + width / 2 : a + (width * fa) / (fa - fb);
    if (!(x > a && x < b)) x = a + width / 2;
    if (x === a || x === b) break;
    const fx = gap(x);
    if (fx === 0) return x;
    if (fx > 0) {
      a = x;
      fa = fx;
      if (side === 1) fb /= 2;
      side = 1;
    } else {
      b = x;
      fb = fx;
      if (side === -1) fa /= 2;
      side = -1;
    }
  }
  return a + (b - a) / 2;
}
