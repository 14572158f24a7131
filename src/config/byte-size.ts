const units = ['B', 'KB', 'MB', 'GB', 'TB'];

export const byteSizePattern = /^(0|[1-9]\d{0,14})(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** A size such as `8MiB` (2^20) or `10GB` (10^9) in bytes; undefined where the text is none. */
export function byteSize(text: string): number | undefined {
  const match = byteSizePattern.exec(text);
  if (match === null) return undefined;
  const unit = match[2]!;
  const base = unit.includes('i') ? 1_024 : 1_000;
  return Number(match[1]) * base ** units.indexOf(unit.replace('i', ''));
}
