// The meaning of a vector, straight from docs/semantics.md: filters and folds over raw events.

export interface Visit {
  readonly who: string | number;
  readonly atMs: number;
  readonly kind: string;
  readonly paid: number | null;
  readonly label: string | null;
  readonly item: string | number | null;
}

export interface NaiveWindow {
  readonly lengthMs: number;
  readonly paneMs: number;
}

/** The events a window holds at an instant. */
export function windowAt(events: readonly Visit[], window: NaiveWindow | null, atMs: number) {
  if (window === null) return events;
  const { lengthMs, paneMs } = window;
  const from = Math.floor((atMs - lengthMs) / paneMs) * paneMs;
  return events.filter((event) => event.atMs >= from);
}

/** Texts by count, then by code point; none of the texts goes beyond U+FFFF. */
export function mostFrequent(texts: readonly (string | null)[], size: number) {
  const known = texts.filter((text) => text !== null);
  const distinct = [...new Set(known)].map((text) => {
    return [text, known.filter((other) => other === text).length] as const;
  });
  return distinct.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, size);
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
export const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sumOf(values) / values.length;

/** By the definition, in two passes. */
export function varianceOf(values: readonly number[], freedom: 0 | 1): number | null {
  if (values.length <= freedom) return null;
  const mean = sumOf(values) / values.length;
  return sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - freedom);
}

const rootOf = (value: number | null): number | null => (value === null ? null : Math.sqrt(value));

/** Every windowed aggregate of the view in aggregates.test.ts, by its name without the window. */
export function aggregatesOf(events: readonly Visit[]): Record<string, unknown> {
  const known = events.map((event) => event.paid).filter((paid) => paid !== null);
  const bought = events.filter((event) => event.kind === 'buy');
  const paid = bought.map((event) => event.paid).filter((one) => one !== null);
  const hours = events.map((event) => new Date(event.atMs).getUTCHours());
  return {
    all: events.length,
    bought: bought.length,
    dear: events.filter((event) => event.paid !== null && event.paid >= 3).length,
    paid_sum: sumOf(paid),
    paid_mean: meanOf(known),
    paid_min: known.length === 0 ? null : Math.min(...known),
    paid_max: paid.length === 0 ? null : Math.max(...paid),
    paid_var: varianceOf(known, 1),
    paid_popvar: varianceOf(known, 0),
    paid_sd: rootOf(varianceOf(paid, 1)),
    items: new Set(
      events
        .map(({ item }) => item)
        .filter((item) => item !== null)
        .map(String),
    ).size,
    labels: new Set(bought.map(({ label }) => label).filter((label) => label !== null)).size,
    hours: Array.from({ length: 24 }, (_, hour) => hours.filter((one) => one === hour).length),
    levels: [1, 2, 3].map((level) => known.filter((one) => one === level).length),
  };
}
