"""Groups of raters and items."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.errors import InputError
from middlemost.files.groups import groups_in, read_groups
from middlemost.files.table import read_table


def test_each_column_beside_the_names_is_a_grouping(tmp_path: Path) -> None:
    path = tmp_path / "raters.csv"
    path.write_text("worker_id,country,age\nann,UK,1\nbob,FR,2\ncy,,3\n")
    groups = read_groups(path)
    assert [(one.name, one.of, one.frame.rows()) for one in groups.groupings] == [
        ("country", "raters", [("ann", "UK"), ("bob", "FR"), ("cy", None)]),
        ("age", "raters", [("ann", "1"), ("bob", "2"), ("cy", "3")]),
    ]


def test_items_can_be_grouped_too() -> None:
    (found,) = read_groups(pl.DataFrame({"item": ["a", "b"], "language": ["de", "fr"]})).groupings
    assert (found.name, found.of) == ("language", "items")


def test_a_column_of_too_many_values_is_left_out_and_said() -> None:
    groups = read_groups(pl.DataFrame({"rater": [f"r{n}" for n in range(20)], "born": [str(n) for n in range(20)]}))
    assert groups.groupings == ()
    assert groups.notices == ("In the groups born is left out: more than 12 different values, or none.",)


def test_a_rater_in_two_groups_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "raters.csv"
    path.write_text("rater,country\nann,UK\nbob,FR\nann,FR\n")
    with pytest.raises(InputError, match="'ann' is in 'UK' and 'FR'") as caught:
        read_groups(path)
    assert caught.value.place is not None
    assert caught.value.place.line == 2


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"who": ["a"], "group": ["g"]}, "need a column rater"), ({"rater": ["a"]}, "no column beside")],
)
def test_a_file_without_names_or_without_groups_is_refused(columns: dict[str, list[str]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_groups(pl.DataFrame(columns))


def test_a_column_group_of_the_answers_groups_raters_else_items_else_nothing() -> None:
    frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": list("1122")})
    of = {"raters": list("gh" * 2), "items": list("gghh")}
    for kind, groups in of.items():
        (found,) = groups_in(read_table(frame.with_columns(group=pl.Series(groups)))).groupings
        assert (found.of, found.frame.height) == (kind, 2)
    neither = groups_in(read_table(frame.with_columns(group=pl.Series(list("ghhg")))))
    assert neither.groupings == ()
    assert "neither the raters nor the items" in neither.notices[0]
    assert groups_in(read_table(frame)).groupings == ()
