"""What goes out for machines is read by the machines' own loaders: Hugging Face's `datasets`, and mlcroissant."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item, Person
from middlemost.errors import StateError
from middlemost.files.answers import read_answers
from middlemost.files.items import read_items
from middlemost.project.add import add
from middlemost.project.export import export, outgoing
from middlemost.project.folder import Project
from middlemost.project.moving import bring_in
from middlemost.project.release import release

AnswerAll = Callable[..., int]
DISCLOSURE = """\
disclosure:
  purpose: To tell kind messages from others.
  items: Messages of a forum.
  language: [en, he]
  personal: Names were removed.
  raters: Twenty moderators.
  workforce: experts
  limitations: One forum only.
  biases: Young writers.
  licence: CC BY 4.0
  creator: The Forum
  contact: data@example.org
  citation: "@misc{tone}"
  url: https://example.org/tone
  published: 2026-11-24
"""
ITEMS = [
    Item("007", "שלום 🐂", {"n": 1, "tags": ["a", "b"], "mixed": [1, "x"], "a b/ü": "é", "id_field": "1"}),
    Item("c2", "text\nwith lines", {"n": 2, "tags": []}),
    Item("c3", "plain", {"turns": [{"role": "user", "text": "Hi"}], "nothing": {}}),
    Item("c4", "more", {}),
]
LOAD = """
import json, sys
from datasets import load_dataset, get_dataset_config_names
folder, cache = sys.argv[1:]
found = {name: load_dataset(folder, name, split="train", cache_dir=cache) for name in get_dataset_config_names(folder)}
rows = {name: json.loads(json.dumps(data.to_list(), default=str)) for name, data in found.items()}
print(json.dumps({"unasked": load_dataset(folder, cache_dir=cache)["train"].to_list(), "rows": rows}))
"""
CROISSANT = """
import json, sys
import mlcroissant
data = mlcroissant.Dataset(sys.argv[1])
issues = data.metadata.ctx.issues
text = lambda value: value.decode() if isinstance(value, bytes) else value
rows = {one.id: [{name.split("/", 1)[1]: text(value) for name, value in row.items()} for row in data.records(one.id)]
        for one in data.metadata.record_sets}
print(json.dumps({"errors": list(issues.errors), "warnings": list(issues.warnings), "rows": rows,
                  "licence": data.metadata.license, "analysis": data.metadata.data_annotation_analysis},
                 default=lambda value: text(value) if isinstance(value, bytes) else str(value)))
"""


def run(code: str, folder: Path, *words: object) -> Any:
    """Run with the real packages, without a network, in a process of its own."""
    quiet = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    env = os.environ | quiet | {"HF_HOME": str(folder / "home"), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def published(folder: Path) -> Iterator[Project]:
    """A project whose disclosure says all, with items of all kinds, answered."""
    (folder / "protocol.yaml").write_text((folder / "protocol.yaml").read_text() + DISCLOSURE)
    values = {"Ada Lovelace": ("kind", "no", "kind", "no"), "Bo": ("kind", "kind", "neutral", "no")}
    with Project.open(folder) as project:
        add(project, ITEMS, gold={"007": "kind", "c2": "no"}, drawn="chosen")
        bring_in(
            project,
            (
                EarlierPage(item.id, name, {"tone": value}, f"{name} {item.id}", at=1e9, seconds=1.5)
                for name, said in values.items()
                for item, value in zip(ITEMS, said, strict=True)
            ),
        )
        yield project


def test_datasets_loads_the_folder_as_it_stands(published: Project, tmp_path: Path) -> None:
    out = tmp_path / "set"
    done = export(published, "hugging-face", out)
    assert {one.relative_to(out).as_posix() for one in done.files} >= {"README.md", "labels.parquet", "croissant.json"}
    found = run(LOAD, tmp_path, out, tmp_path / "cache")
    assert set(found["rows"]) == {"labels", "answers", "items", "gold"}
    assert found["unasked"] == found["rows"]["labels"]
    answers = outgoing(published).table
    assert [(row["item"], row["rater"], row["answer"]) for row in found["rows"]["answers"]] == list(
        answers.select("item", "rater", "answer").iter_rows()
    )
    first = next(row for row in found["rows"]["items"] if row["id"] == "007")
    assert (first["text"], first["n"], first["tags"], first["mixed"], first["a b/ü"]) == (
        "שלום 🐂", 1, ["a", "b"], '[1, "x"]', "é",
    )  # fmt: skip
    assert b"Lovelace" not in b"".join(file.read_bytes() for file in done.files)


def test_the_card_says_what_is_declared_and_nothing_else(published: Project, tmp_path: Path) -> None:
    export(published, "hugging-face", tmp_path / "set")
    text = (tmp_path / "set" / "README.md").read_text()
    head = yaml.safe_load(text.split("---\n")[1])
    assert head.pop("configs")[0] == {"config_name": "labels", "data_files": "labels.parquet", "default": True}
    assert head == {
        "pretty_name": "Tone",
        "license": "cc-by-4.0",
        "language": ["en", "he"],
        "annotations_creators": ["expert-generated"],
        "task_categories": ["text-classification"],
        "size_categories": ["n<1K"],
    }
    for words in ("## Quality", "Krippendorff", "Young writers.", "`items.parquet`", 'load_dataset("path/of/this'):
        assert words in text


def test_nothing_is_invented_where_nothing_is_disclosed(
    project: Project, rater: Callable[[str], Person], answer_all: AnswerAll, tmp_path: Path
) -> None:
    answer_all(rater("Ada"), "kind")
    export(project, "hugging-face", tmp_path / "set")
    head = yaml.safe_load((tmp_path / "set" / "README.md").read_text().split("---\n")[1])
    assert set(head) == {"pretty_name", "task_categories", "size_categories", "configs"}
    described = json.loads((tmp_path / "set" / "croissant.json").read_text())
    assert not {"license", "creator", "publisher", "url", "datePublished", "inLanguage", "citeAs"} & set(described)
    assert {name for name in described if name.startswith("rai:")} == {
        f"rai:{name}" for name in ("dataCollection", "dataCollectionType", "dataCollectionTimeframe",
        "dataPreprocessingProtocol", "dataAnnotationProtocol", "dataAnnotationPlatform", "dataAnnotationAnalysis",
        "annotationsPerItem", "dataReleaseMaintenancePlan")
    }  # fmt: skip


def test_the_folder_comes_back_as_items_and_answers(published: Project, tmp_path: Path) -> None:
    export(published, "hugging-face", tmp_path / "set")
    items = {one.id: one for one in read_items(tmp_path / "set")}
    assert [items[one.id].text for one in ITEMS] == [one.text for one in ITEMS]
    assert items["007"].fields["tags"] == ["a", "b"]
    assert items["c3"].fields["turns"] == [{"role": "user", "text": "Hi"}]
    assert len(read_answers(tmp_path / "set")) == outgoing(published).table.height


def test_a_zip_file_holds_the_same_folder_in_the_same_bytes(published: Project, tmp_path: Path) -> None:
    inside = {one.name: one.read_bytes() for one in export(published, "hugging-face", tmp_path / "set").files}
    (made,) = export(published, "hugging-face", tmp_path / "set.zip").files
    with zipfile.ZipFile(made) as archive:
        assert {one: archive.read(one) for one in archive.namelist()} == inside
    (again,) = export(published, "hugging-face", tmp_path / "again.zip").files
    assert again.read_bytes() == made.read_bytes()
    file = made.rename(tmp_path / "file")
    with pytest.raises(StateError, match="is there already"):
        export(published, "hugging-face", file)
    with pytest.raises(StateError, match="is a file"):
        export(published, "hugging-face", file, force=True)
    assert file.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("form", ["release", pytest.param("hugging-face", marks=pytest.mark.long)])
def test_mlcroissant_finds_nothing_wrong_and_reads_every_record(published: Project, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    if form == "release":
        release(published, out)
    else:
        export(published, form, out)
    found = run(CROISSANT, tmp_path, out / "croissant.json")
    assert found["errors"] == []
    # A release has no number: its manifest names it by a hash.
    assert [one for one in found["warnings"] if "schema.org/version" not in one] == []
    assert found["licence"] == ["https://spdx.org/licenses/CC-BY-4.0.html"]
    assert any("Krippendorff" in one for one in found["analysis"])
    for name, rows in found["rows"].items():
        if (out / f"{name}.parquet").exists():
            frame = pl.read_parquet(out / f"{name}.parquet")
            assert len(rows) == frame.height
            assert [row.get("item") for row in rows] == (
                frame["item"].to_list() if "item" in frame else [None] * frame.height
            )
    items = {row["id"]: row["text"] for row in found["rows"]["items"]}
    assert {one.id: one.text for one in ITEMS}.items() <= items.items()


def test_croissant_lists_every_file_with_its_hash_and_size(published: Project, tmp_path: Path) -> None:
    out = release(published, tmp_path / "out")
    described = json.loads((out / "croissant.json").read_text())
    files = {one["contentUrl"]: one for one in described["distribution"]}
    there = {one.relative_to(out).as_posix() for one in out.rglob("*") if one.is_file()}
    assert set(files) == there - {"croissant.json", "manifest.json"}
    for name, one in files.items():
        data = (out / name).read_bytes()
        assert (one["sha256"], one["contentSize"]) == (sha256(data).hexdigest(), f"{len(data)} B")
    assert "croissant.json" in json.loads((out / "manifest.json").read_text())["files"]
    assert "`croissant.json`" in (out / "DATASHEET.md").read_text()
    for one in described["recordSet"]:
        source = {field["source"]["fileObject"]["@id"] for field in one["field"]}
        assert source <= set(files)
    columns = {field["source"]["extract"]["column"] for field in described["recordSet"][0]["field"]}
    assert columns == set(pl.read_parquet_schema(io.BytesIO((out / "answers.parquet").read_bytes())))


@pytest.mark.long
def test_a_project_without_answers_is_a_data_set_of_items(project: Project, tmp_path: Path) -> None:
    export(project, "hugging-face", tmp_path / "set")
    found = run(LOAD, tmp_path, tmp_path / "set", tmp_path / "cache")
    assert list(found["rows"]) == ["items"]
