"""Data sets of Hugging Face are read as they are: saved to disk, as a folder of Parquet files, or at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from middlemost.errors import InputError
from middlemost.files.answers import read_answers
from middlemost.files.gold import read_gold
from middlemost.files.items import items_of, read_items

MAKE = """
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value
names = ClassLabel(names=["kind", "rude"])
features = Features({"item": Value("string"), "rater": Value("string"), "answer": names, "all": List(names)})
rows = [("i1", "a", 0, [0, 1]), ("i1", "b", 1, []), ("i2", "a", -1, [1]), ("i3", "a", 1, [0])]
answers = Dataset.from_list([dict(zip(features, row)) for row in rows], features=features)
turns = [{"role": "user", "text": "Hello"}]
items = Dataset.from_list([{"id": f"i{n}", "text": f"text {n}", "turns": turns, "n": n} for n in range(3)])
"""


def run(code: str, folder: Path) -> str:
    """Run with the real package, without a network, in a process of its own."""
    quiet = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    env = os.environ | quiet | {"HF_HOME": str(folder / "home"), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package writes."""
    folder = tmp_path_factory.mktemp("datasets")
    run(
        MAKE
        + """
answers.filter(lambda row: row["item"] != "i2").save_to_disk("answers")
items.select([2, 0]).save_to_disk("items")
DatasetDict(train=items.select([0]), test=items.select([1, 2])).save_to_disk("splits")
answers.to_parquet("hub/data/train-00000-of-00002.parquet")
answers.select([0]).to_parquet("hub/data/test-00000-of-00001.parquet")
""",
        folder,
    )
    return folder


def test_answers_that_were_saved_to_disk_have_the_names_of_their_classes(saved: Path) -> None:
    answers = read_answers(saved / "answers")
    assert answers.items.to_list() == ["i1", "i3"]
    assert answers.classes.to_list() == ["kind", "rude"]
    assert len(answers) == 3


def test_parquet_files_as_on_the_hub_follow_each_other_split_by_split(saved: Path) -> None:
    answers = read_answers(saved / "hub", missing="drop", repeats="all")
    assert (len(answers), answers.classes.to_list()) == (4, ["kind", "rude"])


def test_items_keep_the_types_of_their_values(saved: Path) -> None:
    items = read_items(saved / "items")
    assert [one.id for one in items] == ["i2", "i0"]
    assert items[0].fields == {"turns": [{"role": "user", "text": "Hello"}], "n": 2}
    assert [one.fields["split"] for one in read_items(saved / "splits")] == ["train", "test", "test"]


def test_a_data_set_at_hand_is_read_as_it_stands(tmp_path: Path) -> None:
    code = """
import middlemost as mm
from middlemost.errors import InputError
from middlemost.files.items import items_of
found = mm.read_answers(answers.filter(lambda row: row["item"] != "i2").shuffle(seed=1))
print(len(found), found.classes.to_list())
print([one.id for one in items_of(items.select([2, 0]))])
print([one.fields["split"] for one in items_of(DatasetDict(train=items.select([0]), test=items.select([1])))])
try:
    mm.read_answers(answers.to_iterable_dataset())
except InputError as error:
    print(error)
"""
    assert run(MAKE + code, tmp_path).splitlines() == [
        "3 ['kind', 'rude']",
        "['i2', 'i0']",
        "['train', 'test']",
        "A data set that streams is not at hand. Load it without streaming=True.",
    ]


CARD = """---
configs:
- config_name: answers
  data_files: a/*.parquet
- config_name: items
  data_files:
  - {split: train, path: [b.parquet]}
- config_name: gold
  data_files: [c.parquet]
---
# A data set
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    (folder / "a").mkdir(parents=True)
    for n in range(2):
        pl.DataFrame({"item": [f"i{n}"], "rater": ["a"], "answer": ["yes"]}).write_parquet(folder / f"a/{n}.parquet")
    pl.DataFrame({"id": ["i0", "i1"], "text": ["one", "two"], "at": [None, 7.5]}).write_parquet(folder / "b.parquet")
    pl.DataFrame({"item": ["i0"], "label": ["yes"], "drawn": ["random"]}).write_parquet(folder / "c.parquet")
    (folder / "README.md").write_text(CARD)
    return folder


def test_of_several_configs_the_one_that_is_wanted_is_read(published: Path) -> None:
    assert len(read_answers(published)) == 2
    assert [(one.id, one.fields) for one in items_of(published)] == [("i0", {}), ("i1", {"at": 7.5})]
    assert read_gold(published).items.to_list() == ["i0"]


@pytest.mark.parametrize(
    ("old", "new", "words", "value"),
    [
        ("a/*.parquet", "../other/*.parquet", "no path in the folder", "../other/*.parquet"),
        ("a/*.parquet", "/etc/passwd", "no path in the folder", "/etc/passwd"),
        ("a/*.parquet", "https://example.org/a.parquet", "no path in the folder", "https://example.org/a.parquet"),
        ("a/*.parquet", "z/*.parquet", "no such file", "z/*.parquet"),
        ("a/*.parquet", "README.md", "only Parquet files", "README.md"),
        ("config_name: answers", "config_name: votes", "several configs: votes, items, gold", None),
        ("configs:", "configs: [", "not YAML", None),
    ],
)
def test_a_mistake_in_the_card_is_told_with_its_value(
    published: Path, old: str, new: str, words: str, value: str | None
) -> None:
    (published / "README.md").write_text(CARD.replace(old, new))
    with pytest.raises(InputError, match=words) as caught:
        read_answers(published)
    place = caught.value.place
    assert place is not None
    assert (place.file, place.value) == (str(published / "README.md"), value)
    assert caught.value.mend


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"state.json": b"{", "dataset_info.json": b"{}"}, "not JSON"),
        ({"state.json": b"[]", "dataset_info.json": b"{}"}, "Expected an object"),
        ({"state.json": b"{}", "dataset_info.json": b"{}"}, "has no files"),
        ({"state.json": b'{"_data_files": [{"filename": "../x"}]}'}, "no name of a file"),
        ({"state.json": b'{"_data_files": [{"filename": "x"}]}', "x": b"x", "dataset_info.json": b"{}"}, "Arrow file"),
        ({"dataset_dict.json": b'{"splits": ["../.."]}'}, "no name of a file"),
        ({"dataset_dict.json": b"{}"}, "no data set"),
        ({"dataset_dict.json": b"[" * 100_000}, "not JSON"),
        ({"a.parquet": b"PAR1 and no more"}, "breaks off or is damaged"),
        ({"notes.txt": b"nothing"}, "This is a folder"),
    ],
)
def test_a_folder_that_is_no_whole_data_set_is_refused_in_words(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_answers(tmp_path)


def test_columns_that_hold_files_are_no_items(tmp_path: Path) -> None:
    pictures: dict[str, Any] = {"text": ["one"], "image": [{"bytes": b"\x89PNG", "path": "a.png"}]}
    pl.DataFrame(pictures).write_parquet(tmp_path / "train.parquet")
    with pytest.raises(InputError, match="holds files"):
        read_items(tmp_path)


def test_files_with_other_columns_are_not_mixed(tmp_path: Path) -> None:
    pl.DataFrame({"item": ["a"], "rater": ["r"], "answer": ["x"]}).write_parquet(tmp_path / "train-0.parquet")
    pl.DataFrame({"text": ["one"]}).write_parquet(tmp_path / "train-1.parquet")
    with pytest.raises(InputError, match="different columns"):
        read_answers(tmp_path)
