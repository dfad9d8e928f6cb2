"""Reading gold."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.core.gold import Gold
from middlemost.errors import InputError
from middlemost.files.gold import read_gold


def write(folder: Path, text: str) -> Path:
    path = folder / "gold.csv"
    path.write_text(text)
    return path


def pairs(gold: Gold) -> dict[str, str]:
    return dict(zip(gold.items, gold.labels, strict=True))


def test_gold_is_read_from_a_file_a_frame_or_a_mapping(tmp_path: Path) -> None:
    wanted = {"007": "yes", "b": "NA"}
    assert pairs(read_gold(write(tmp_path, "item,label\n007,yes\nb,NA\n"))) == wanted
    assert pairs(read_gold(write(tmp_path, "task,true_label\n007,yes\nb,NA\n"))) == wanted
    assert pairs(read_gold(pl.DataFrame({"item": ["007", "b"], "label": ["yes", "NA"]}))) == wanted
    assert pairs(read_gold(wanted)) == wanted
    gold = read_gold(wanted)
    assert read_gold(gold) is gold


def test_how_gold_was_drawn_is_read(tmp_path: Path) -> None:
    assert read_gold(write(tmp_path, "item,label,drawn\na,x,random\nb,y,random\n")).drawn == "random"
    assert read_gold(write(tmp_path, "item,label,drawn\na,x,chosen\n")).drawn == "chosen"
    assert read_gold(write(tmp_path, "item,label\na,x\n")).drawn is None
    with pytest.raises(InputError, match=r"gold\.csv, column drawn, value 'byhand'"):
        read_gold(write(tmp_path, "item,label,drawn\na,x,byhand\n"))


def test_a_check_that_is_half_done_counts_as_far_as_it_goes(tmp_path: Path) -> None:
    assert pairs(read_gold(write(tmp_path, "item,label\na,x\nb,y\nc,\nd,\n"))) == {"a": "x", "b": "y"}


def test_a_hard_item_left_out_in_the_middle_is_refused_since_it_would_flatter(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 3, column label: There is no label here.*the hard ones too"):
        read_gold(write(tmp_path, "item,label\na,x\nb,\nc,y\n"))


def test_gold_without_a_label_or_with_two_for_an_item_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No item has a label yet"):
        read_gold(write(tmp_path, "item,label\na,\nb,\n"))
    with pytest.raises(InputError, match="There is a header but no gold"):
        read_gold(write(tmp_path, "item,label\n"))
    with pytest.raises(InputError, match=r"gold\.csv.*Gold item 'a' has 'x' and 'y'"):
        read_gold(write(tmp_path, "item,label\na,x\na,y\n"))
    with pytest.raises(InputError, match="No column for label"):
        read_gold(write(tmp_path, "item,verdict\na,x\n"))
