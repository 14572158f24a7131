/** Insertions, deletions, substitutions and swaps of neighbours that lead from text to text. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

/** The candidate that `text` likely stands for, at most a third of it mistyped; else undefined. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const plain = text.slice(0, 100).toLowerCase().replace(/-/g, '_');
  let found: string | undefined;
  let least = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain, candidate.toLowerCase().replace(/-/g, '_'));
    if (distance >= least) continue;
    least = distance;
    found = candidate;
  }
  return found;
}
