/** One field of a line: the bytes from the end of the value before it to the start of its own. */
export interface LayoutField {
  readonly name: string;
  readonly lead: Buffer;
}

const scalar = /^(?:"[^"\\]*"|[^"[\]{},\s]+)/;

/**
 * How a line of JSON is written, learnt from one: the order of its fields and the bytes between
 * their values. Other lines of the same writer are then read without being parsed. Null where the
 * line is no flat object of texts without escapes, numbers and literals.
 */
export function layoutOf(line: string): readonly LayoutField[] | null {
  const fields: LayoutField[] = [];
  let at = 0;
  for (;;) {
    const lead = /^\s*[{,]\s*"([^"\\]*)"\s*:\s*/.exec(line.slice(at));
    if (lead === null) break;
    const value = scalar.exec(line.slice(at + lead[0].length));
    if (value === null) return null;
    fields.push({ name: lead[1]!, lead: Buffer.from(lead[0]) });
    at += lead[0].length + value[0].length;
  }
  return /^\s*\}\s*$/.test(line.slice(at)) && fields.length > 0 ? fields : null;
}
