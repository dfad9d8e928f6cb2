"""Gold: items whose right answer is known, and how they were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.errors import InputError, Place

Drawn = Literal["random", "chosen", "mixed"]


@dataclass(frozen=True, eq=False)
class Gold:
    """Known labels: `items` and `labels` are String series of one length, each item once.

    `drawn` says how the items came to be gold: at "random" from the items, "chosen" by somebody, "mixed" (then
    `sampled` is true for those drawn at random), or None where nobody said; that is taken as random, and `notices` says
    so. Only items drawn at random tell the share of wrong labels among all items.

    >>> gold = as_gold({"a": "yes", "b": "no"})
    >>> len(gold), gold.drawn
    (2, None)
    """

    items: pl.Series
    labels: pl.Series
    drawn: Drawn | None = None
    sampled: pl.Series | None = None

    def __len__(self) -> int:
        return len(self.items)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of figures that rest on this gold has to know."""
        if self.drawn is not None or not len(self):
            return ()
        return ("Nobody said how the gold items were drawn: they are taken as drawn at random from the items.",)

    def codes(self, answers: Answers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Which items (positions in `answers.items`) have gold and answers, and their labels' positions in the classes.

        A label that nobody answered is -1.
        """
        item, label = self.positions(answers.items, answers.classes)
        answered = np.append(answers.per_item() > 0, False)[item]
        return item[answered], label[answered]

    def positions(self, items: pl.Series, classes: pl.Series) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where each gold item and its label are on these axes; -1 where they are not."""
        return _positions(self.items, items), _positions(self.labels, classes)

    def to_count_on(self) -> tuple[str | None, Gold]:
        """The part drawn at random where there is one, else all of it, and how that part was drawn."""
        sampled = self.at_random()
        drawn = self.drawn if len(sampled) == len(self) else "random" if len(sampled) else "chosen"
        return drawn, sampled if len(sampled) else self

    def at_random(self) -> Gold:
        """The part that was drawn at random."""
        if self.drawn == "chosen":
            return Gold(self.items.clear(), self.labels.clear(), "random")
        if self.sampled is None:
            return self
        return Gold(self.items.filter(self.sampled), self.labels.filter(self.sampled), "random")


GoldLike = Gold | Mapping[str, str] | pl.DataFrame


def as_gold(given: GoldLike) -> Gold:
    """Gold from a mapping item -> label, or a frame with columns item, label [, drawn].

    Raises InputError for missing columns, empty values, an item with two labels, or a word in `drawn` other than random
    and chosen.
    """
    if isinstance(given, Gold):
        return given
    if isinstance(given, Mapping):
        given = pl.DataFrame({"item": [str(item) for item in given], "label": [str(label) for label in given.values()]})
    _require_columns(given)
    frame = given.with_columns(pl.col("item", "label").cast(pl.String)).unique(maintain_order=True)
    _require_one_label(frame)
    frame = frame.unique("item", keep="first", maintain_order=True)
    return Gold(frame["item"], frame["label"], *_drawn(frame))


def _positions(names: pl.Series, axis: pl.Series) -> NDArray[np.int32]:
    codes = names.cast(pl.Enum(axis), strict=False).to_physical().cast(pl.Int32)
    return codes.fill_null(-1).to_numpy()


def _require_columns(frame: pl.DataFrame) -> None:
    if missing := [name for name in ("item", "label") if name not in frame.columns]:
        raise InputError(
            f"Gold has no column {' or '.join(missing)}; it has {', '.join(frame.columns) or 'none'}.",
            mend="Gold needs the columns item and label.",
        )
    for name in ("item", "label"):
        if frame[name].null_count():
            row = int(frame[name].is_null().arg_max() or 0) + 1
            raise InputError(f"The {name} in row {row} of the gold is empty.", place=Place(column=name))


def _require_one_label(frame: pl.DataFrame) -> None:
    labels = frame.select("item", "label").unique(maintain_order=True)
    twice = labels.filter(pl.col("item").is_duplicated())
    if not twice.is_empty():
        item = twice["item"][0]
        said = " and ".join(repr(label) for label in twice.filter(pl.col("item") == item)["label"])
        raise InputError(
            f"Gold item {item!r} has {said} as its label.",
            place=Place(column="label", value=item),
            mend="Each gold item has one right label.",
        )


def _drawn(frame: pl.DataFrame) -> tuple[Drawn | None, pl.Series | None]:
    if "drawn" not in frame.columns:
        return None, None
    said = frame["drawn"].cast(pl.String).fill_null("").str.strip_chars()
    if not set(said) <= {"random", "chosen", ""}:
        word = next(word for word in said if word not in ("random", "chosen", ""))
        place = Place(column="drawn", value=word)
        raise InputError("Gold is drawn either at random or chosen.", place=place, mend="Write random or chosen.")
    if (said == "").all():
        return None, None
    if said.n_unique() == 1:
        return ("random" if said[0] == "random" else "chosen"), None
    return "mixed", said == "random"
