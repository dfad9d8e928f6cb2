"""What answers are read as: never guessed in silence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.errors import SettingError
from middlemost.files.kinds import different, taken_as
from middlemost.files.table import read_table


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        ([str(n) for n in range(13)], "numbers", "--kind choice"),
        ([f"{n / 4}" for n in range(100)], "numbers", "--kind choice"),
        ([str(n) for n in range(12)], "choice", "--kind numbers"),
        (["0", "1"], "choice", None),
        ([*(str(n) for n in range(100)), "n/a"], "choice", None),
        (["yes", "no"], "choice", None),
        (["a|b", "a", "b|c", "c"], "choice", "--kind sets --separator '|'"),
        (["a;b", "b;a", "a"], "choice", "--kind sets --separator ';'"),
        (["yes, mostly", "no, never", "in part"], "choice", None),
    ],
)
def test_what_was_assumed_is_said_with_how_to_change_it(answers: list[str], kind: str, words: str | None) -> None:
    taken = taken_as(pl.Series(answers))
    assert taken.kind == kind
    assert (words in taken.words) if words and taken.words else taken.words is words


@pytest.mark.parametrize("kind", ["choice", "numbers", "sets"])
def test_what_was_asked_for_is_not_explained(kind: str) -> None:
    taken = taken_as(pl.Series([str(n) for n in range(40)]), kind)  # type: ignore[arg-type]
    assert (taken.kind, taken.words) == (kind, None)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SettingError, match="kind is 'likert'"):
        taken_as(pl.Series(["1"]), "likert")  # type: ignore[arg-type]


def test_only_answers_to_the_question_count_and_missing_ones_do_not() -> None:
    frame = pl.DataFrame(
        {"item": list("aab"), "rater": list("xyx"), "question": list("ppq"), "answer": ["1", "nan", "z"]}
    )
    assert different(read_table(frame), None, "p").to_list() == ["1"]
    named = {"answer": "rater", "rater": "question"}
    assert different(read_table(frame.drop("answer")), named, None).sort().to_list() == ["x", "y"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("wordsim353", "numbers"),
        ("emotion_numeric", "numbers"),
        ("rte", "choice"),
        ("convabuse", "choice"),
        ("music", "choice"),
    ],
)
def test_real_sets_are_read_as_what_they_are(shared: Path, name: str, kind: str) -> None:
    path = next((shared / "data" / name).glob("answers.csv*"))
    assert taken_as(different(read_table(path), None, None)).kind == kind
