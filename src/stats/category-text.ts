/** The text a scalar is counted by as a category; null for null, undefined, lists and objects. */
export function categoryText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  // Not String(value) for all: an object from JSON may carry a `toString` that is no function.
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : null;
}
