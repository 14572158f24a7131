import { WeirError } from '../../errors.js';
import type { Column } from './columns.js';

/** @throws WeirError definition-invalid where a declared name is that of a fixed column. */
export function refuseReserved(
  owner: string,
  what: 'feature' | 'field',
  fixed: readonly Column[],
  declared: readonly Column[],
): void {
  const names = new Set(fixed.map(({ name }) => name));
  const clash = declared.find(({ name }) => names.has(name));
  if (clash === undefined) return;
  throw new WeirError(
    'definition-invalid',
    `${owner}: its table in ClickHouse has a column ${clash.name} of its own; rename the ${what} ${clash.name}`,
  );
}
