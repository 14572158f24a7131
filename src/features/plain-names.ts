import { WeirError } from '../errors.js';

/**
 * Refuses names that need care in tables, files or generated code.
 * @throws WeirError definition-invalid
 */
export function plainNames(
  owner: string,
  what: 'feature' | 'field',
  names: readonly string[],
): void {
  const wrong = names.find((name) => !/^[A-Za-z_]\w*$/.test(name) || name === '__proto__');
  if (wrong === undefined) return;
  const remedy = what === 'field' ? "; say where the record has it with { from: '…' }" : '';
  throw new WeirError(
    'definition-invalid',
    `${owner}: expected ${what} names of letters, digits and _, not beginning with a digit; found ${JSON.stringify(wrong)}; rename it${remedy}`,
  );
}
