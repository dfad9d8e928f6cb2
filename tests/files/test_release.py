"""Writing a release folder: all or nothing, and never over something else."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from middlemost.errors import InputError, StateError
from middlemost.files.release import json_lines, parquet, write_release

FILES = {"a.txt": b"one", "deep/b.txt": b"two"}


def test_a_release_is_its_files_and_their_manifest(tmp_path: Path) -> None:
    out = write_release(tmp_path / "new" / "out", FILES, {"name": "Tone"})
    assert (out / "deep" / "b.txt").read_bytes() == b"two"
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["name"] == "Tone"
    assert list(manifest["files"]) == ["a.txt", "deep/b.txt"]
    assert sorted(path.name for path in out.parent.iterdir()) == ["out"]


def test_an_empty_folder_is_used_and_the_same_release_again_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for _ in range(2):
        assert write_release(tmp_path / "out", FILES, {}) == tmp_path / "out"


@pytest.mark.parametrize("changed", [{"a.txt": b"ONE", "deep/b.txt": b"two"}, {"a.txt": b"one"}])
def test_another_release_is_never_overwritten(tmp_path: Path, changed: dict[str, bytes]) -> None:
    out = write_release(tmp_path / "out", FILES, {})
    with pytest.raises(StateError, match="another release"):
        write_release(out, changed, {})
    assert (out / "a.txt").read_bytes() == b"one"


@pytest.mark.parametrize("name", ["notes.txt", "deep/b.bak"])
def test_a_release_with_a_foreign_file_in_it_is_not_the_same_release(tmp_path: Path, name: str) -> None:
    out = write_release(tmp_path / "out", FILES, {})
    (out / name).write_text("mine")
    with pytest.raises(StateError, match=f"holds this release, but also {name}"):
        write_release(out, FILES, {})
    assert (out / name).read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("notes")
    with pytest.raises(StateError):
        write_release(tmp_path / "out", FILES, {})
    with pytest.raises(InputError, match="cannot be written"):
        write_release(tmp_path / "out" / "below", FILES, {})
    assert (tmp_path / "out").read_text() == "notes"


def test_the_same_content_is_the_same_bytes() -> None:
    frame = pl.DataFrame({"a": ["x", None], "b": [1.5, 2.0]})
    assert parquet(frame) == parquet(frame.clone())
    assert json_lines([{"text": "é\u2028"}]) == '{"text": "é\u2028"}\n'.encode()
