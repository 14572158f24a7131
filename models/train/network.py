"""A wide and deep network (Cheng et al. 2016) in numpy: forward pass and training with Adam."""

from dataclasses import dataclass, fields

import numpy as np

HIDDEN = (32, 16)


@dataclass
class Preparation:
    """What turns raw inputs into network inputs; all of it goes into the graph."""

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    logged: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    wide: np.ndarray
    wide_mean: np.ndarray
    wide_scale: np.ndarray
    deep: np.ndarray
    holed: np.ndarray


@dataclass
class Weights:
    wide: np.ndarray
    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray
    last: np.ndarray
    bias: np.ndarray

    def arrays(self) -> list[np.ndarray]:
        return [getattr(self, field.name) for field in fields(self)]


def inverse_scale(values: np.ndarray) -> np.ndarray:
    """1 / standard deviation; 0 for a constant, so that it says nothing."""
    deviation = values.std(axis=0)
    return np.where(deviation > 1e-9, 1 / np.maximum(deviation, 1e-9), 0)


def fit_preparation(inputs: np.ndarray, wide_count: int) -> Preparation:
    """Medians for nulls, bounds at the 0.1 and 99.9 % quantiles, logarithms of what is skewed."""
    columns = np.arange(inputs.shape[1])
    median = np.nanmedian(inputs, axis=0)
    low, high = np.nanquantile(inputs, [0.001, 0.999], axis=0)
    holes = np.isnan(inputs)
    clipped = np.clip(np.where(holes, median, inputs), low, high)
    centred = clipped - clipped.mean(axis=0)
    spread = np.maximum(clipped.std(axis=0), 1e-9)
    skewed = ((centred / spread) ** 3).mean(axis=0) > 1.5
    logged = skewed & (low >= 0) & (high > 1)
    basis = wide_basis(clipped[:, :wide_count], holes[:, :wide_count])
    shaped = np.where(logged, np.log1p(np.maximum(clipped, 0)), clipped)
    return Preparation(
        median=median,
        low=low,
        high=high,
        logged=logged,
        mean=shaped.mean(axis=0),
        scale=inverse_scale(shaped),
        wide=columns[:wide_count],
        wide_mean=basis.mean(axis=0),
        wide_scale=inverse_scale(basis),
        deep=columns[wide_count:],
        holed=columns[wide_count:][holes[:, wide_count:].mean(axis=0) > 0.005],
    )


def wide_basis(values: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """Each input of the wide part as it is, its size, the logarithm of that, whether it is null."""
    size = np.abs(values)
    return np.concatenate([values, size, np.log(size + 1), holes], axis=1)


def prepare(inputs: np.ndarray, p: Preparation) -> tuple[np.ndarray, np.ndarray]:
    """The inputs of the wide and of the deep part."""
    holes = np.isnan(inputs)
    clipped = np.minimum(np.maximum(np.where(holes, p.median, inputs), p.low), p.high)
    shaped = np.where(p.logged, np.log(np.maximum(clipped, 0) + 1), clipped)
    standard = (shaped - p.mean) * p.scale
    basis = wide_basis(clipped[:, p.wide], holes[:, p.wide].astype(clipped.dtype))
    wide = (basis - p.wide_mean) * p.wide_scale
    deep = np.concatenate([standard[:, p.deep], holes[:, p.holed].astype(clipped.dtype)], axis=1)
    return wide, deep


def initial_weights(wide: int, deep: int, base_rate: float, random: np.random.Generator) -> Weights:
    def he(rows: int, columns: int) -> np.ndarray:
        return random.normal(0, np.sqrt(2 / rows), (rows, columns))

    return Weights(
        wide=np.zeros((wide, 1)),
        first=he(deep, HIDDEN[0]),
        first_bias=np.zeros(HIDDEN[0]),
        second=he(HIDDEN[0], HIDDEN[1]),
        second_bias=np.zeros(HIDDEN[1]),
        last=he(HIDDEN[1], 1) * 0.1,
        bias=np.array([np.log(base_rate / (1 - base_rate))]),
    )


def forward(wide: np.ndarray, deep: np.ndarray, w: Weights) -> tuple[np.ndarray, ...]:
    """Scores in (0, 1) with both hidden layers."""
    first = np.maximum(deep @ w.first + w.first_bias, 0)
    second = np.maximum(first @ w.second + w.second_bias, 0)
    logit = wide @ w.wide + second @ w.last + w.bias
    return 1 / (1 + np.exp(-logit[:, 0])), first, second


def gradients(
    wide: np.ndarray,
    deep: np.ndarray,
    labels: np.ndarray,
    w: Weights,
    shares: np.ndarray | float = 1.0,
) -> list[np.ndarray]:
    """Of the mean log loss, each row times its share, in the order of the weights."""
    scores, first, second = forward(wide, deep, w)
    logit = (shares * (scores - labels) / len(labels))[:, None]
    into_second = (logit @ w.last.T) * (second > 0)
    into_first = (into_second @ w.second.T) * (first > 0)
    return [
        wide.T @ logit,
        deep.T @ into_first,
        into_first.sum(axis=0),
        first.T @ into_second,
        into_second.sum(axis=0),
        second.T @ logit,
        logit.sum(axis=0),
    ]


def train(
    wide: np.ndarray,
    deep: np.ndarray,
    labels: np.ndarray,
    random: np.random.Generator,
    epochs: int = 12,
    batch: int = 512,
    decay: float = 1e-3,
    shares: np.ndarray | None = None,
) -> Weights:
    """Adam (Kingma and Ba 2015) with decoupled weight decay and a rate that falls to 0.

    `shares` are the weights of the rows, 1 in the mean; without them all weigh the same.
    """
    assert len(labels) >= batch, f"expected at least {batch} rows to train on; found {len(labels)}"
    w = initial_weights(wide.shape[1], deep.shape[1], labels.mean(), random)
    means = [np.zeros_like(a) for a in w.arrays()]
    squares = [np.zeros_like(a) for a in w.arrays()]
    steps = epochs * (len(labels) // batch)
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(labels))
        for start in range(0, len(labels) - batch + 1, batch):
            rows = order[start : start + batch]
            rate = 3e-3 * 0.5 * (1 + np.cos(np.pi * step / steps))
            step += 1
            own = 1.0 if shares is None else shares[rows]
            slopes = gradients(wide[rows], deep[rows], labels[rows], w, own)
            for value, slope, mean, square in zip(w.arrays(), slopes, means, squares):
                mean += 0.1 * (slope - mean)
                square += 0.001 * (slope * slope - square)
                towards = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
                value -= rate * (towards + (decay * value if value.ndim == 2 else 0))
    return w
