import { WeirError } from '../../errors.js';

/** A text as a ClickHouse literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A name of a database, table or column, as an identifier. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/**
 * A name that needs no quoting anywhere: letters, digits and underscores.
 * @throws WeirError definition-invalid
 */
export function plainName(name: string, what: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new WeirError(
      'definition-invalid',
      `${what} ${JSON.stringify(name)}: expected letters, digits and underscores, since it names a column in ClickHouse; rename it`,
    );
  }
  return name;
}

/** The part of a table's name that stands for a view or topic. */
export function tableSuffix(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_');
}
