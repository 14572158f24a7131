import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));

/** A table in Markdown. */
export function docsTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * Puts what a proof printed between `<!-- proof:NAME -->` and `<!-- /proof:NAME -->` of the one
 * page of docs/ that has them; throws where none has.
 */
export function writeDocsTable(name: string, text: string): void {
  const open = `<!-- proof:${name} -->`;
  const close = `<!-- /proof:${name} -->`;
  for (const file of readdirSync(docs).filter((one) => one.endsWith('.md'))) {
    const page = readFileSync(join(docs, file), 'utf8');
    const start = page.indexOf(open);
    const end = page.indexOf(close);
    if (start < 0 || end < start) continue;
    const head = page.slice(0, start + open.length);
    writeFileSync(join(docs, file), `${head}\n${text}\n${page.slice(end)}`);
    return;
  }
  throw new Error(`no page of docs/ has ${open} and ${close}`);
}
