"""Parquet in blocks: the same answers, and the same words where something is wrong, as from the whole table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import middlemost as mm
from middlemost.core.answers import Answers
from middlemost.errors import InputError, MiddlemostError
from middlemost.files.answers import answers_of, answers_of_blocks, read_answers
from middlemost.files.parquet import ParquetFile
from middlemost.files.table import read_table

OPTIONS: list[dict[str, Any]] = [
    {},
    {"missing": "drop"},
    {"missing": "drop", "repeats": "all"},
    {"missing": "drop", "repeats": "last"},
    {"missing": "drop", "question": "q"},
]
COLUMNS: Mapping[str, st.SearchStrategy[Any]] = {
    "item": st.sampled_from(["a", "b", "007", "ä", " ", None]),
    "rater": st.sampled_from(["x", "y", "x", "y", "z", None]),
    "answer": st.sampled_from([1.0, 2.0, 2.5, float("nan"), None]) | st.just(1.0),
    "question": st.sampled_from(["q", "q", "p", None]),
    "round": st.integers(1, 2),
    "time": st.sampled_from(["9", "10", "2026-01-01", "", None]),
    "seconds": st.sampled_from([1.5, None]),
    "surplus": st.booleans(),
    "note": st.sampled_from([None, "n"]),
}
TYPES = {"answer": pl.Float64, "round": pl.Int64, "seconds": pl.Float64, "surplus": pl.Boolean}


def write(folder: Path, frame: pl.DataFrame, *, group: int = 7) -> Path:
    path = folder / "answers.parquet"
    frame.write_parquet(path, row_group_size=group)
    return path


def in_blocks(path: Path, block: int, **options: Any) -> Answers:
    file = ParquetFile.at(path, block=block)
    assert file is not None
    return answers_of_blocks(file, **options)


def said(read: Callable[[], Answers]) -> tuple[object, ...]:
    """All of what was read, or what was wrong."""
    try:
        answers = read()
    except MiddlemostError as error:
        return (str(error),)
    arrays = (answers.item, answers.rater, answers.answer, answers.round, answers.seconds)
    axes = tuple(axis.to_list() for axis in (answers.items, answers.raters, answers.classes))
    return (
        *axes,
        *(None if array is None else array.astype(str).tolist() for array in arrays),
        *answers_facts(answers),
    )


def answers_facts(answers: Answers) -> tuple[object, ...]:
    return answers.question, answers.notices


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    optional = [name for name in list(COLUMNS)[3:] if draw(st.booleans())]
    rows = draw(st.lists(st.fixed_dictionaries({name: COLUMNS[name] for name in [*list(COLUMNS)[:3], *optional]})))
    schema = {name: TYPES.get(name, pl.String) for name in [*list(COLUMNS)[:3], *optional]}
    return pl.DataFrame(rows, schema=schema)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frames(), st.integers(1, 9), st.sampled_from(OPTIONS))
def test_blocks_give_what_the_whole_table_gives(
    tmp_path_factory: pytest.TempPathFactory, frame: pl.DataFrame, block: int, options: dict[str, Any]
) -> None:
    path = write(tmp_path_factory.getbasetemp(), frame, group=3)
    whole = said(lambda: answers_of(read_table(path), **options))
    assert said(lambda: in_blocks(path, block, **options)) == whole
    assert said(lambda: read_answers(path, **options)) == whole


@pytest.mark.parametrize("name", ["rte", "bluebird", "adult"])
def test_real_sets_come_to_the_same_labels_in_any_blocks_and_any_order(shared: Path, tmp_path: Path, name: str) -> None:
    csv = next((shared / "data" / name).glob("answers.csv*"))
    plain = read_answers(csv, repeats="all")
    frame = pl.read_csv(csv, infer_schema=False).sample(fraction=1.0, shuffle=True, seed=0)
    streamed = in_blocks(write(tmp_path, frame, group=500), 777, repeats="all")
    first, second = (mm.DawidSkene(max_iter=20).fit(answers) for answers in (plain, streamed))
    assert first.labels.equals(second.labels)
    assert first.raters.equals(second.raters)
    assert (first.probabilities == second.probabilities).all()


def test_the_two_lines_of_a_user_read_a_file_of_many_row_groups(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"item": np.repeat(np.arange(400), 5), "rater": rng.integers(30, size=2_000)})
    frame = frame.with_columns(answer=rng.integers(3, size=2_000))
    consensus = mm.DawidSkene().fit(mm.read_answers(write(tmp_path, frame, group=100)))
    assert consensus.labels.equals(mm.DawidSkene().fit(mm.read_answers(frame)).labels)


def test_only_the_columns_that_are_needed_are_read(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": ["a"], "rater": ["x"], "answer": ["1"], "picture": [b"\xff\xd8"]})
    assert len(read_answers(write(tmp_path, frame))) == 1


def test_a_row_in_a_later_block_is_found_by_its_number_in_the_file(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": list("abcdef"), "rater": ["x"] * 6, "answer": ["1", "2", "1", "2", None, ""]})
    with pytest.raises(InputError, match=r"answers.parquet, row 5, column answer: There is no answer here\. 2 rows"):
        in_blocks(write(tmp_path, frame), 2)
    frame = frame.with_columns(answer=pl.lit("1"), round=pl.Series(["1", "1", "1", "two", "1", "1"]))
    with pytest.raises(InputError, match=r"row 4, column round, value 'two'|row 4"):
        in_blocks(write(tmp_path, frame), 2)


def test_a_label_that_is_a_text_and_labels_that_all_differ_are_refused_in_the_block_where_they_are(
    tmp_path: Path,
) -> None:
    frame = pl.DataFrame({"item": list("abc"), "rater": ["x"] * 3, "answer": ["1", "2", "long " * 300]})
    with pytest.raises(InputError, match=r"row 3.*1,500 characters"):
        in_blocks(write(tmp_path, frame), 2)
    names = pl.DataFrame({"item": [str(n) for n in range(3_000)]}).with_columns(rater="item", answer="item")
    with pytest.raises(InputError, match=r"There are 1,200 different answers.*read_numbers"):
        in_blocks(write(tmp_path, names), 400)


def test_too_little_is_refused_in_words(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": ["a"], "rater": ["x"], "notes": ["1"]})
    with pytest.raises(InputError, match="No column for answer: the columns are 'item', 'rater', 'notes'"):
        read_answers(write(tmp_path, frame))
    with pytest.raises(InputError, match="There is a header but no answer"):
        read_answers(write(tmp_path, frame.rename({"notes": "answer"}).clear()))
    blank = pl.DataFrame({"item": [None, " "], "rater": [None, ""], "answer": [None, ""]}, schema_overrides={})
    with pytest.raises(InputError, match="There is a header but no answer"):
        read_answers(write(tmp_path, blank.cast(pl.String)))


def test_a_file_that_breaks_off_or_is_damaged_anywhere_is_refused_in_words(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": [f"item {n}" for n in range(500)]}).with_columns(
        rater=pl.lit("x"), answer=pl.lit("1")
    )
    path = write(tmp_path, frame, group=100)
    whole = path.read_bytes()
    for length in (4, 8, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="breaks off or is damaged"):
            read_answers(path)
    path.write_bytes(whole[:40] + bytes(400) + whole[440:])
    with pytest.raises(InputError, match="breaks off or is damaged"):
        in_blocks(path, 50)


def test_the_time_decides_between_answers_however_far_apart_they_are(tmp_path: Path) -> None:
    times = ["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-09", "2026-01-01", None]
    frame = pl.DataFrame({"item": list("abaabb"), "rater": list("xxxyxx"), "answer": list("121212"), "time": times})
    for block in (1, 2, 6):
        answers = in_blocks(write(tmp_path, frame), block)
        assert answers.frame().rows() == [("a", "x", "1"), ("a", "y", "2"), ("b", "x", "1")]
        assert answers.notices == ("3 answers repeat a rater's own on the same item: the last one counts.",)
