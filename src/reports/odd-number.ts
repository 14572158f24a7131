/** Digits with commas, blanks or apostrophes among them, a unit before or behind. */
const numberLike =
  /^[-+]?[$€£¥]?\s?[-+]?(?:\d{1,3}(?:[.,'’\s]\d{3})*|\d+)(?:[.,]\d+)?\s?[%$€£¥]?$/u;
const looked = 200;
const most = 0.9;

/**
 * One of a column's texts, where nearly all of them look like numbers that are not read as such
 * (decimal commas, thousands, units); else null.
 */
export function oddNumber(texts: readonly string[]): string | null {
  const some = texts.slice(0, looked);
  const odd = some.filter((text) => numberLike.test(text));
  return odd.length > 0 && odd.length >= most * some.length ? odd[0]! : null;
}
