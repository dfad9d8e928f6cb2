"""Reading answers: what cannot be used is refused with the place and the mend, and never with a stack trace."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.errors import InputError, SettingError
from middlemost.files.answers import read_answers

HEAD = "item,rater,answer\n"


def refusal(folder: Path, content: str | bytes, name: str = "a.csv") -> InputError:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_answers(path)
    return caught.value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty."),
        (" \n\n", "The file is empty."),
        (HEAD, "There is a header but no answer."),
        (HEAD + "1,a\0,x\n", "This is not a text file: it holds NUL bytes."),
    ],
)
def test_a_file_without_answers_is_refused(tmp_path: Path, content: str, message: str) -> None:
    assert refusal(tmp_path, content).message == message


def test_a_missing_file_names_what_is_there_instead(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(HEAD)
    with pytest.raises(InputError, match=r"There is no such file\. The folder has: answers\.csv\."):
        read_answers(tmp_path / "answer.csv")
    with pytest.raises(InputError, match="This is a folder"):
        read_answers(tmp_path)


def test_wrong_columns_are_listed_with_what_was_expected_and_the_nearest(tmp_path: Path) -> None:
    error = refusal(tmp_path, "itm,rater,notes\n1,a,x\n")
    assert error.message == (
        "No column for item and answer: the columns are 'itm', 'rater', 'notes'. Perhaps 'itm' for item?"
    )
    assert "--item ..." in str(error.mend)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "same name: answer" in refusal(tmp_path, "item,rater,answer,answer\n1,a,x,y\n").message


def test_mixed_encodings_are_refused_with_line_and_byte(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEAD.encode() + "1,a,schön\n".encode() + "2,b,schön\n".encode("latin-1"))
    assert error.place is not None
    assert error.place.line == 3
    assert "Byte 8 of this line (0xF6)" in error.message
    assert "'ö'" in str(error.mend)


def test_an_empty_answer_is_refused_with_all_its_lines(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEAD + '"1\n1",a,x\n2,a,\n3,a,y\n4,,y\n5,a,nan\n')
    assert error.place is not None
    assert (error.place.line, error.place.column) == (4, "answer")
    assert error.message == "There is no answer here. 3 rows lack something (lines 4, 6, 7)."
    assert "--missing drop" in str(error.mend)


def test_empty_answers_can_be_left_out_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "1,a,x\n2,a,\n3,,y\n")
    answers = read_answers(path, missing="drop")
    assert len(answers) == 1
    assert answers.notices == ("2 of 3 rows have no item, rater or answer and were left out.",)
    with pytest.raises(SettingError, match="missing='keep' is unknown"):
        read_answers(path, missing="keep")  # type: ignore[arg-type]


def test_a_frame_is_answered_with_its_row(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": ["1", "2"], "rater": ["a", None], "answer": ["x", "y"]})
    with pytest.raises(InputError, match="the frame, row 2, column rater: There is no rater here"):
        read_answers(frame)


def test_a_row_that_is_too_long_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEAD + '1,a,"x\ny"\n2,b,x,y\n')
    assert error.message == "This row has 4 fields, the header has 3."
    assert error.place is not None
    assert error.place.line == 4


def test_a_file_that_breaks_off_is_refused_with_its_last_line(tmp_path: Path) -> None:
    cut = refusal(tmp_path, HEAD + "1,a,x\n2,b")
    assert cut.place is not None
    assert (cut.message, cut.place.line) == ("There is no answer here.", 3)
    quoted = refusal(tmp_path, HEAD + '1,a,x\n2,b,"half an ans')
    assert quoted.place is not None
    assert quoted.place.line == 3
    assert "quotation mark" in quoted.message
    lines = refusal(tmp_path, '{"item": 1, "rater": 2, "answer": "x"}\n{"item": 1, "ra', "a.jsonl")
    assert lines.place is not None
    assert (lines.message, lines.place.line) == ("The file breaks off in the middle of this line.", 2)


def test_a_compressed_or_parquet_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress((HEAD + "1,a,x\n" * 1000).encode())
    assert "breaks off" in refusal(tmp_path, packed[:-9], "a.csv.gz").message
    pl.DataFrame({"item": ["1"], "rater": ["a"], "answer": ["x"]}).write_parquet(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    assert "breaks off" in refusal(tmp_path, whole[:-20], "a.parquet").message
    assert "not a Parquet file" in refusal(tmp_path, b"nonsense", "a.parquet").message


def test_a_label_of_100_000_characters_is_refused_with_its_line_and_shown_short(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEAD + "1,a,x\n2,a," + "long " * 20_000 + "\n")
    assert error.place is not None
    assert error.place.line == 3
    assert error.message.startswith("This answer has 100,000 characters: it looks like a text")
    assert len(str(error)) < 400


def test_answers_that_all_differ_are_refused_before_they_become_a_matrix(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEAD + "".join(f"{i},a,text {i}\n" for i in range(1_001)))
    assert error.message.startswith("There are 1,001 different answers")


def test_a_round_that_is_not_a_whole_number_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "item,rater,answer,round\n1,a,x,1\n1,a,x,two\n")
    assert error.place is not None
    assert (error.message, error.place.line, error.place.value) == ("Expected a whole number.", 3, "two")


def test_something_that_is_no_table_is_refused() -> None:
    with pytest.raises(InputError, match="Cannot read a int"):
        read_answers(7)


@given(st.binary(max_size=200))
def test_no_file_whatever_its_bytes_ends_in_anything_but_answers_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(data)
        with pytest.raises(InputError):
            read_answers(path)


@given(st.text(max_size=60))
def test_no_text_after_a_header_ends_in_anything_but_answers_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "b.csv"
    path.write_bytes((HEAD + "1,a,x\n" + text).encode("utf-8", "surrogatepass"))
    with contextlib.suppress(InputError):
        assert len(read_answers(path)) >= 1
