const bars = 24;

/** Bars of equal width, each with its lower end and not its upper one. */
export interface Axis {
  readonly low: number;
  readonly width: number;
  readonly bars: number;
}

/** At most 25 bars from `low` to `high`, their ends multiples of 1, 2 or 5 times a power of ten. */
export function roundAxis(low: number, high: number): Axis {
  const axis = evenAxis(low, high);
  const power = 10 ** Math.floor(Math.log10(axis.width));
  const width = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= axis.width) ?? 0;
  const from = Math.floor(low / width) * width;
  // Values as large or as small as doubles go have no round neighbours.
  if (!(width > 0) || !Number.isFinite(from) || from + width === from) return axis;
  return { low: from, width, bars: Math.floor(high / width - from / width + touching) + 1 };
}

/** Bars between `low` and `high` as they are. */
export function evenAxis(low: number, high: number): Axis {
  const width = high / bars - low / bars || 1;
  return { low, width, bars };
}

/** Of a bar: what rounding of decimals such as 0.3 / 0.1 leaves. */
const touching = 1e-9;

/** The bar of a value; what lies outside is in the outermost. */
export function barOf({ low, width, bars: count }: Axis, value: number): number {
  const bar = Math.floor(value / width - low / width + touching);
  return Math.max(0, Math.min(count - 1, bar));
}

/** The lower end of each bar, which the outermost tell where they hold what lies outside. */
export function barLabels(
  { low, width, bars: count }: Axis,
  outside: { readonly below: boolean; readonly above: boolean },
  shown: (value: number) => string,
): string[] {
  const labels = Array.from({ length: count }, (_, i) => shown(low + i * width));
  if (outside.below) labels[0] = `< ${labels[1] ?? shown(low + width)}`;
  if (outside.above) labels[count - 1] = `≥ ${labels[count - 1]}`;
  return labels;
}
