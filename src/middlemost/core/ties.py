"""Ties are never broken by sort order, but by a seeded hash of who said it of what.

A tie goes to the answer of the rater with the least hash of (item, rater) among the raters who gave a tied answer. So a
label depends neither on the order of rows nor on the names of classes, and other items do not matter.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.short_rows import how_many, maxima

Floats = NDArray[np.float64]
NEAR = 1e-9
_MULTIPLIER = 0x9E3779B97F4A7C15


def tied(scores: Floats) -> NDArray[np.bool_]:
    """Which classes share each item's highest score, up to rounding: shape (items, classes).

    >>> tied(np.array([[0.5, 0.5, 0.0]])).tolist()
    [[True, True, False]]
    """
    return np.asarray(scores >= maxima(scores)[:, None] - NEAR)


def pick(scores: Floats, answers: Answers, *, seed: int = 0) -> NDArray[np.int32]:
    """The class with the highest score of each item, ties broken as this module says: shape (items,).

    Where none of the tied classes is an answer to the item, the commonest among all answers is taken.
    """
    best = tied(scores)
    chosen = best.argmax(axis=1).astype(np.int32)
    items = np.flatnonzero(how_many(best) > 1)
    if len(items):
        chosen[items] = _untie(best, items, answers, seed)
    return np.asarray(chosen, dtype=np.int32)


def _untie(best: NDArray[np.bool_], items: NDArray[np.intp], answers: Answers, seed: int) -> NDArray[np.int32]:
    """The classes of the torn `items`: the least hash wins.

    The low bits of each hash give way to the class's rank by frequency, so that the least number names its class; they
    decide only where one rater gave two of the tied answers.
    """
    by_rank = by_frequency(answers, seed=seed)
    rank = np.empty(len(by_rank), dtype=np.uint64)
    rank[by_rank] = np.arange(len(by_rank), dtype=np.uint64)
    low = np.uint64(2 ** len(by_rank).bit_length() - 1)
    contested = np.zeros_like(best)
    contested[items] = best[items]
    rows = np.flatnonzero(contested.ravel()[answers.cells()])
    bids = (_hashes(answers, rows, items, seed) & ~low) | rank[answers.answer[rows]]
    least = np.zeros(len(best), dtype=np.uint64)
    least[items] = ~low | np.where(best[items], rank, low).min(axis=1)
    np.minimum.at(least, answers.item[rows], bids)
    return np.asarray(by_rank[least[items] & low], dtype=np.int32)


def by_frequency(answers: Answers, *, seed: int = 0) -> NDArray[np.int32]:
    """The classes, commonest first; equally common ones by the sums of their answers' hashes: never by name."""
    times = np.bincount(answers.answer, minlength=answers.n_classes)
    sums = np.zeros(len(times), dtype=np.uint64)
    if len(np.unique(times)) < len(times):
        hashes = _hashes(answers, np.arange(len(answers)), np.arange(answers.n_items), seed)
        np.add.at(sums, answers.answer, hashes)
    return np.lexsort((sums, -times)).astype(np.int32)


def _hashes(answers: Answers, rows: NDArray[np.intp], items: NDArray[np.intp], seed: int) -> NDArray[np.uint64]:
    of_item = np.zeros(answers.n_items, dtype=np.uint64)
    of_item[items] = _scramble(hash_names(answers.items.gather(items)) + np.uint64(seed % 2**64))
    hashes = of_item[answers.item[rows]] ^ hash_names(answers.raters)[answers.rater[rows]]
    if answers.round is not None:
        hashes += answers.round[rows].astype(np.uint64) * np.uint64(_MULTIPLIER)
    return _scramble(hashes)


def hash_names(names: pl.Series) -> NDArray[np.uint64]:
    """A 64-bit hash of each name's UTF-8 bytes, the same on every machine and in every version."""
    lengths = names.str.len_bytes().to_numpy().astype(np.int64)
    text = np.frombuffer(names.str.join("").item().encode(), dtype=np.uint8) if len(names) else np.empty(0, np.uint8)
    ends = np.cumsum(lengths)
    places = np.arange(len(text)) - np.repeat(ends - lengths, lengths)
    powers = np.full(int(lengths.max(initial=0)), _MULTIPLIER, dtype=np.uint64).cumprod(dtype=np.uint64)
    sums = np.append(np.uint64(0), np.cumsum((text.astype(np.uint64) + np.uint64(1)) * powers[places], dtype=np.uint64))
    return _scramble(sums[ends] - sums[ends - lengths])


def _scramble(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers = numbers + np.uint64(_MULTIPLIER)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
