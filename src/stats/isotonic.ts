/**
 * Isotonic regression of a share over ordered bins: the shares that never fall from bin to bin and
 * are nearest to those counted, weighted by the counts, by pooling adjacent violators (Ayer and
 * others 1955). A bin without counts is interpolated between its neighbours, at an end the nearest
 * one's, as scikit-learn's `IsotonicRegression` predicts at the bin's place. Null where no bin has
 * any.
 *
 * @param positive of `all` in each bin
 */
export function isotonicShares(
  positive: ArrayLike<number>,
  all: ArrayLike<number>,
): Float64Array | null {
  const blocks: { positive: number; all: number; readonly from: number }[] = [];
  for (let bin = 0; bin < all.length; bin++) {
    if (all[bin] === 0) continue;
    let block = { positive: positive[bin]!, all: all[bin]!, from: bin };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (last.positive * block.all < block.positive * last.all) break;
      blocks.pop();
      const together = { positive: last.positive + block.positive, all: last.all + block.all };
      block = { ...together, from: last.from };
    }
    blocks.push(block);
  }
  return blocks.length === 0 ? null : spread(blocks, all);
}

function spread(
  blocks: readonly { readonly positive: number; readonly all: number; readonly from: number }[],
  all: ArrayLike<number>,
): Float64Array {
  const shares = new Float64Array(all.length);
  let block = 0;
  let known = -1;
  for (let bin = 0; bin < all.length; bin++) {
    if (all[bin] === 0) continue;
    while (blocks[block + 1] !== undefined && blocks[block + 1]!.from <= bin) block++;
    const share = blocks[block]!.positive / blocks[block]!.all;
    const before = known < 0 ? share : shares[known]!;
    for (let gap = known + 1; gap < bin; gap++) {
      shares[gap] = before + ((share - before) * (gap - known)) / (bin - known);
    }
    shares[bin] = share;
    known = bin;
  }
  return shares.fill(shares[known]!, known + 1);
}
