const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of any origin as HTML shows it, in elements and quoted attributes. */
export function escaped(text: unknown): string {
  return String(text).replace(/[&<>"']/g, (sign) => entities[sign]!);
}
