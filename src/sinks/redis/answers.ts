/** What became of one key of a call. */
export type Fate =
  /** Set, or the same or a newer one is there. */
  | 'set'
  | 'same'
  | 'older'
  /** It can never be set. */
  | 'rejected'
  /** Another node serves it. */
  | 'elsewhere'
  /** Later, perhaps. */
  | 'failed';

export function fateOf(answer: unknown): Fate {
  if (answer === 1) return 'set';
  if (answer === 0) return 'same';
  if (answer === -1) return 'older';
  const text = String(answer);
  if (text.startsWith('WRONGTYPE') || text.startsWith('FOREIGN')) return 'rejected';
  if (text.includes('non local key') || /^(MOVED|ASK|TRYAGAIN) /.test(text)) return 'elsewhere';
  return 'failed';
}
