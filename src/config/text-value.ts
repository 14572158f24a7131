import type { Setting } from './settings.js';

/** The value that the text of a variable or option stands for; the text itself where it is none. */
export function textValue({ kind, nullable }: Setting, text: string): unknown {
  if (nullable && kind !== 'text' && text === 'null') return null;
  switch (kind) {
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'map':
      return jsonOr(text);
    case 'text':
      return text;
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
