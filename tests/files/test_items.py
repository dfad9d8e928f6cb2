"""Reading items: what is accepted, what is refused and where."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.nouns import Item
from middlemost.errors import InputError
from middlemost.files.items import distinct, read_items


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_json_lines_keep_their_types(tmp_path: Path, ending: str) -> None:
    text = '{"id": 7, "text": "a", "score": 0.5, "tags": ["x"], "none": null}\n\n{"text": "b"}\n'
    one, two = read_items(write(tmp_path, f"items.jsonl{ending}", text))
    assert one == Item("7", "a", {"score": 0.5, "tags": ["x"]})
    assert (two.text, two.fields) == ("b", {})


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_csv_keeps_ids_as_they_are_written(tmp_path: Path, ending: str) -> None:
    text = 'id,text,source\n007,"two\nlines, one item",web\nNA,<b>bold</b>,\n'
    assert read_items(write(tmp_path, f"items.csv{ending}", text)) == [
        Item("007", "two\nlines, one item", {"source": "web"}),
        Item("NA", "<b>bold</b>", {}),
    ]


def test_parquet_is_read(tmp_path: Path) -> None:
    pl.DataFrame({"id": [1, 2], "text": ["a", "b"]}).write_parquet(tmp_path / "items.parquet")
    assert [item.id for item in read_items(tmp_path / "items.parquet")] == ["1", "2"]


def test_the_only_other_column_is_the_text(tmp_path: Path) -> None:
    assert read_items(write(tmp_path, "items.csv", "id,comment\na,hello\n")) == [Item("a", "hello")]
    assert read_items(write(tmp_path, "items.jsonl", '{"id": "a", "comment": "hello"}')) == [Item("a", "hello")]


def test_blanks_round_an_id_are_not_of_it(tmp_path: Path) -> None:
    assert read_items(write(tmp_path, "items.csv", "id,text\n a b ,hello\n")) == [Item("a b", "hello")]


def test_an_item_without_an_id_gets_the_same_one_every_time(tmp_path: Path) -> None:
    first = read_items(write(tmp_path, "a.jsonl", '{"text": "x", "k": 1, "j": 2}\n{"text": "y"}'))
    second = read_items(write(tmp_path, "b.jsonl", '{"text": "y"}\n{"j": 2, "k": 1, "text": "x"}'))
    assert first == second[::-1]
    assert len({item.id for item in first}) == 2


def test_a_repeated_line_counts_once_and_a_contradicting_one_is_refused(tmp_path: Path) -> None:
    line = '{"id": "a", "text": "x"}\n'
    assert len(read_items(write(tmp_path, "a.jsonl", line * 3))) == 1
    with pytest.raises(InputError, match=r"line 2.*'a'.*Two different items"):
        read_items(write(tmp_path, "b.jsonl", line + '{"id": "a", "text": "y"}'))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("items.jsonl", '{"text": "a"}\n{"text": "b', "line 2.*not JSON.*copied to its end"),
        ("items.jsonl", '{"text": "a"}\n["b"]', "line 2.*Expected an object"),
        ("items.jsonl", '{"text": "a"}\n{"text": "  "}', "line 2.*text"),
        ("items.jsonl", '{"id": "a", "text": 5}', "line 1.*not a text"),
        ("items.jsonl", '{"id": "a", "n": 1, "m": 2}', "line 1.*no text"),
        ("items.jsonl", '{"id": true, "text": "a"}', "line 1.*An id is"),
        ("items.jsonl", '{"id": " ", "text": "a"}', "line 1.*An id is"),
        ("items.jsonl", '{"text": "x"}\n{"id": "..", "text": "a"}', "line 2.*address on the desk"),
        ("items.jsonl", '{"id": " . ", "text": "a"}', "line 1.*address on the desk"),
        ("items.jsonl", '{"id": "a\\nb", "text": "a"}', "line 1.*address on the desk"),
        ("items.jsonl", '{"id": "a\\ud800", "text": "a"}', "line 1.*half a character"),
        ("items.csv", 'id,text\n1,x\n"a\tb",y\n', "line 3.*column id.*address on the desk"),
        ("items.jsonl", '{"text": "a", "n": NaN}', "line 1.*not JSON"),
        ("items.jsonl", '{"text": "\\ud800"}', "line 1.*half a character"),
        ("items.jsonl", '{"id": "' + "x" * 100_000 + '", "text": "a"}', "line 1.*over 500 characters"),
        ("items.jsonl", "[" * 100_000, "line 1.*not JSON"),
        ("items.csv", "id,a,b\n1,x,y\n", "No column is called text"),
        ("items.csv", "id,text\n1,x\n2,\n", "line 3.*no text"),
        ("items.csv", "id,text\n1,x,y\n", "line 2.*3 fields"),
        ("items.jsonl", "", "empty"),
        ("items.csv", "id,text\n", "no items"),
    ],
)
def test_bad_input_is_refused_with_its_place(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(InputError, match=f"(?s){says}") as caught:
        read_items(write(tmp_path, name, text))
    assert name in str(caught.value)
    assert len(str(caught.value)) < 500 + len(str(tmp_path))


@pytest.mark.parametrize("text", [None, 3, b"bytes"])
def test_an_item_at_hand_whose_text_is_none_is_refused_with_its_number(text: object) -> None:
    with pytest.raises(InputError, match="not a text") as error:
        distinct([Item("a", "fine"), Item("b", text)])  # type: ignore[arg-type]
    assert error.value.place is not None
    assert (error.value.place.file, error.value.place.column) == ("item 2", "text")
