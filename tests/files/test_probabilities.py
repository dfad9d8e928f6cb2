"""A model's probabilities from files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import middlemost as mm
from middlemost.errors import InputError

WIDE = "item,no,yes\nq1,0.25,0.75\n007,1,0\n"


def written(folder: Path, text: str, name: str = "model.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_column_a_class_is_read_and_ids_stay_text(tmp_path: Path) -> None:
    found = mm.read_probabilities(written(tmp_path, WIDE))
    assert (found.items.to_list(), found.classes.to_list()) == (["007", "q1"], ["no", "yes"])
    assert found.values.tolist() == [[1.0, 0.0], [0.25, 0.75]]


def test_a_row_a_class_is_read_under_other_tools_names(tmp_path: Path) -> None:
    text = "task,prob,label\nq1,0.75,yes\nq1,0.25,no\n007,1,no\n"
    found = mm.read_probabilities(written(tmp_path, text))
    assert found.values.tolist() == [[1.0, 0.0], [0.25, 0.75]]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_other_formats_say_the_same(tmp_path: Path, suffix: str) -> None:
    frame, path = pl.read_csv(WIDE.encode(), schema_overrides={"item": pl.String}), tmp_path / f"model.{suffix}"
    frame.write_parquet(path) if suffix == "parquet" else frame.write_ndjson(path)
    assert mm.read_probabilities(path).values.tolist() == mm.read_probabilities(frame).values.tolist()


def test_the_column_of_items_can_be_named(tmp_path: Path) -> None:
    found = mm.read_probabilities(written(tmp_path, WIDE.replace("item", "image")), columns={"item": "image"})
    assert found.classes.to_list() == ["no", "yes"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (WIDE.replace("0.75", "0.8"), 2, None, "sum to 1.05"),
        (WIDE.replace("1,0\n", "nan,0\n"), 3, "no", "no probability"),
        (WIDE.replace("1,0\n", "1,\n"), 3, "yes", "empty"),
        (WIDE.replace("0.25", "-0.25"), 2, "no", "no probability"),
        (WIDE.replace("0.25", "¼"), 2, "no", "no number"),
        (WIDE.replace("007", "q1"), 3, "item", "a second time"),
        ("item,label,probability\nq1,yes,0.5\n", 2, None, "sum to 0.5"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, column: str | None, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=message) as raised:
        mm.read_probabilities(path)
    place = raised.value.place
    assert place is not None
    assert (place.file, place.line, place.column) == (str(path), line, column)


def test_a_file_without_items_or_with_two_columns_for_them_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No column for item"):
        mm.read_probabilities(written(tmp_path, "no,yes\n1,0\n"))
    with pytest.raises(InputError, match="Two columns could name the items"):
        mm.read_probabilities(written(tmp_path, "item,image,yes\na,b,1\n"), columns={"item": "image"})
