"""Agreement where disputed items were given more answers than others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from middlemost.core.answers import Answers
from middlemost.errors import SettingError


def fixed_design(answers: Answers, each: int | None = None) -> Answers:
    """The first `each` answers to every item: what a fixed design would have collected.

    Where disputed items are asked again, agreement over all answers is biased, upwards or downwards by the rule for
    stopping: by .13 on RTE's answers asked until one label leads by two. A random part of an item's answers is biased
    as well, because the later ones are there only since the first disagreed. The first ones are not. Rows have to be in
    the order in which answers were given, rounds first where there are any.

    `each` is by default the least number that any item has, from 2 up. Items with fewer are left out, and `notices`
    says so. SettingError where `each` is below 2 or no item has as many.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbb"), "rater": list("xyxyz"), "answer": list("11122")})
    >>> fixed_design(encode(frame)).frame()["rater"].to_list()
    ['x', 'y', 'x', 'y']
    """
    times = answers.per_item()
    several = times[times >= 2]
    if each is None:
        each = int(several.min()) if len(several) else 2
    if each < 2:
        raise SettingError(f"each is {each}.", mend="Agreement needs two answers to an item at least.")
    if not (times >= each).any():
        raise SettingError(f"No item has {each} answers.", mend="Ask for fewer, or leave it out.")
    kept = answers.take((_place(answers) < each) & (times >= each)[answers.item])
    short = int(np.count_nonzero((times > 0) & (times < each)))
    left_out = f"; {short:,} items with fewer are left out" if short else ""
    notice = f"Only the first {each} answers to each item are used: {len(kept):,} of {len(answers):,}{left_out}."
    return replace(kept, notices=(*answers.notices, notice))


def _place(answers: Answers) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Which answer to its item each one is, from 0."""
    keys = (answers.item,) if answers.round is None else (answers.round, answers.item)
    order = np.lexsort(keys)
    times = answers.per_item()
    place = np.empty(len(answers), dtype=np.int64)
    place[order] = np.arange(len(answers)) - np.repeat(np.cumsum(times) - times, times)
    return place
