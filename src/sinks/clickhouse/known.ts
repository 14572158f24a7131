/**
 * The number itself, or a word that makes the server refuse the row: ClickHouse reads a null as 0
 * into a column that cannot hold null.
 */
export function known(value: number): number | string {
  return Number.isFinite(value) ? value : 'not a number';
}
