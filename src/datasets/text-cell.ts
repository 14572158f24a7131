import { type Cell, cellKind } from './cell.js';
import { timeOfText } from './time-text.js';

/** What stands for nothing in files, as pandas' `read_csv` has it. */
const nothing = new Set(
  '|NA|N/A|n/a|#N/A|<NA>|null|NULL|Null|None|#NA|#N/A N/A|-nan|-NaN|nan|NaN|NAN'.split('|'),
);
const infinite = /^[+-]?inf(inity)?$/i;
const numeric = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * What a cell of CSV stands for: nothing, a boolean, a time, a number, or itself. Quotes make no
 * difference: writers differ in what they quote. The value of text is 0, not yet its code.
 */
export function cellOfText(raw: string): Cell {
  const text = raw.trim();
  if (nothing.has(text)) return { kind: cellKind.null, value: 0 };
  if (/^(true|false)$/i.test(text)) {
    return { kind: cellKind.boolean, value: text.toLowerCase() === 'true' ? 1 : 0 };
  }
  if (numeric.test(text)) return cellOfNumber(Number(text));
  if (infinite.test(text)) return { kind: cellKind.notFinite, value: 0 };
  const timeMs = timeOfText(text);
  if (!Number.isNaN(timeMs)) return { kind: cellKind.time, value: timeMs };
  return { kind: cellKind.text, value: 0 };
}

export function cellOfNumber(number: number): Cell {
  return Number.isFinite(number)
    ? { kind: cellKind.number, value: number + 0 }
    : { kind: cellKind.notFinite, value: 0 };
}
