"""Files made to do harm are refused in words, soon, and before they fill the memory."""

from __future__ import annotations

import gzip
import io
import json
import resource
import zipfile
from pathlib import Path

import pytest

from middlemost.errors import InputError, ProtocolError
from middlemost.files import text, zipped
from middlemost.files.answers import read_answers
from middlemost.files.argilla_project import read_project as read_argilla
from middlemost.files.doccano_project import read_project as read_doccano
from middlemost.files.items import read_items
from middlemost.files.label_studio_config import read_config
from middlemost.files.label_studio_project import read_project
from middlemost.files.protocol import read_protocol

DEEP = 100_000


def grown(before: int) -> int:
    """By how many bytes the most memory that this process ever held has grown."""
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    """Two megabytes that unpack to two gigabytes."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        file.write(b"item,rater,answer\n")
    tail = gzip.compress(b"a,b,c\n" * (2**24 // 6), 9)
    path = tmp_path / "answers.csv.gz"
    path.write_bytes(packed.getvalue() + tail * 128)
    return path


@pytest.mark.parametrize("read", [read_answers, read_items])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_does(bomb: Path, read) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="times as large") as refused:
        read(bomb)
    assert "unpack it first" in str(refused.value)
    assert grown(before) < 4 * text.SAFE_BYTES


def test_a_file_that_is_only_well_packed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv.gz"
    path.write_bytes(gzip.compress(b"item,rater,answer\n" + b"".join(b"i%d,r1,yes\n" % n for n in range(50_000))))
    assert len(read_answers(path)) == 50_000


@pytest.mark.parametrize(
    "written",
    [
        "[" * DEEP,
        "{a: " * DEEP,
        "- " * DEEP,
        "a: &x [b]\nc: &y [*x, *x]\nd: [*y, *y]",
        "questions: [" + "[" * DEEP + "]" * DEEP + "]",
    ],
)
def test_a_protocol_that_nests_without_end_is_a_mistake_with_its_place(tmp_path: Path, written: str) -> None:
    (tmp_path / "protocol.yaml").write_text(written)
    with pytest.raises((InputError, ProtocolError)) as refused:
        read_protocol(tmp_path / "protocol.yaml")
    assert "protocol.yaml" in str(refused.value)


def test_items_and_exports_that_nest_without_end_are_mistakes_with_their_place(tmp_path: Path) -> None:
    deep = "[" * DEEP + "]" * DEEP
    items, export = tmp_path / "items.jsonl", tmp_path / "export.json"
    items.write_text('{"text": "fine"}\n{"text": "x", "deep": ' + deep + "}\n")
    with pytest.raises(InputError, match="not JSON") as refused:
        read_items(items)
    assert refused.value.place is not None
    assert refused.value.place.line == 2
    export.write_text(deep)
    with pytest.raises(InputError, match="not JSON"):
        read_project(export)
    export.write_text(json.dumps([{"id": 1, "data": {"text": "x"}, "annotations": [{"result": [{}, [], None, 7]}, 3]}]))
    with pytest.raises(InputError):
        read_project(export)


def test_exports_of_other_tools_that_nest_without_end_are_mistakes_with_their_place(tmp_path: Path) -> None:
    deep, file = "[" * DEEP + "]" * DEEP, tmp_path / "export.json"
    for written in (deep, '[{"id": 1, "fields": ' + deep + "}]", '{"id": 1, "text": "x", "label": ' + deep + "}"):
        file.write_text(written)
        for read in (lambda: read_doccano([file]), lambda: read_argilla(file), lambda: read_argilla(file, file)):
            with pytest.raises(InputError, match="not JSON") as refused:
                read()
            assert refused.value.place is not None


def zip_of(path: Path, **settings: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **settings)  # type: ignore[arg-type]


def test_a_zip_file_that_unpacks_without_end_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    line = b'{"id": 1, "text": "x", "label": ["a"]}\n' * (2**24 // 40)
    with zip_of(path, compresslevel=9) as archive, archive.open("ada.jsonl", "w", force_zip64=True) as member:
        for _ in range(24):
            member.write(line)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="times as large"):
        read_doccano([path])
    assert grown(before) < 4 * text.SAFE_BYTES


def test_many_files_in_a_zip_file_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "SAFE_BYTES", 2**20)
    path = tmp_path / "export.zip"
    with zip_of(path) as archive:
        for n in range(64):
            archive.writestr(f"{n}.jsonl", b" " * 2**19)
    with pytest.raises(InputError, match="times as large"):
        read_doccano([path])


def test_a_zip_file_of_very_many_files_or_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zip_of(path) as archive:
        for n in range(zipped.MOST_MEMBERS + 1):
            archive.writestr(f"{n}.txt", b"")
    with pytest.raises(InputError, match="over 10,000 files"):
        read_doccano([path])
    with zip_of(path) as archive:
        archive.writestr("ada.jsonl", b'{"id": 1, "text": "x", "label": ["a"]}' * 99)
    whole = path.read_bytes()
    for broken in (whole[:-30], whole[:40] + b"\xff" * 20 + whole[60:]):
        path.write_bytes(broken)
        with pytest.raises(InputError, match="zip file is damaged"):
            read_doccano([path])
    with zip_of(path) as archive:
        archive.writestr("readme.txt", b"nothing")
    with pytest.raises(InputError, match=r"no \.jsonl file"):
        read_doccano([path])


def test_entities_in_a_labelling_configuration_are_refused(tmp_path: Path) -> None:
    config = tmp_path / "config.xml"
    config.write_text('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><View>&b;</View>')
    with pytest.raises(InputError, match="DOCTYPE"):
        read_config(config)


def test_half_characters_are_refused_before_anything_is_made_of_them(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    for written in (
        '[{"id": "1", "fields": {"text": "a"}, "metadata": {"raters": ["\\ud800"]}}]',
        '{"id": 1, "text": "a", "label": ["\\uD800"]}',
    ):
        file.write_text(written)
        for read in (lambda: read_argilla(file), lambda: read_doccano([file])):
            with pytest.raises(InputError, match="half a character"):
                read()
