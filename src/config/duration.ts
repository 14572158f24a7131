const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const durationPattern = /^(0|[1-9]\d{0,14})(ms|s|m|h|d)$/;

/** A duration such as `10ms`, `30s`, `1m`, `1h`, `7d` in ms; undefined where the text is none. */
export function durationMs(text: string): number | undefined {
  const match = durationPattern.exec(text);
  return match === null ? undefined : Number(match[1]) * unitMs[match[2]!]!; // every unit is there
}
