"""Reading answers that are numbers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.core.numbers import as_numbers, encode_numbers
from middlemost.errors import InputError
from middlemost.files.answers import read_answers
from middlemost.files.numbers import read_numbers


def written(folder: Path, text: str) -> Path:
    path = folder / "guesses.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_different_spellings_of_a_number_are_one_answer(tmp_path: Path) -> None:
    answers = read_numbers(
        written(tmp_path, "task,worker,label\nox,a,7\nox,b, 7.0\nox,c,07\nox,d,-0\nox,e,0\nox,f,1e3\n")
    )
    assert answers.values.tolist() == [7, 7, 7, 0, 0, 1000]
    assert answers.classes.to_list() == ["0", "1000", "7"]
    assert answers.take(answers.values > 0).values.tolist() == [7, 7, 7, 1000]


@pytest.mark.parametrize("value", ["many", '"12,5"', "inf", "1e100", "1 207", "12kg"])
def test_an_answer_that_is_no_number_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(InputError, match=r"line 3, column answer, value .* not a number.* Write numbers") as caught:
        read_numbers(written(tmp_path, f"item,rater,answer\nox,a,7\nox,b,{value}\n"))
    assert caught.value.place is not None
    assert caught.value.place.line == 3


def test_an_empty_answer_is_refused_or_left_out_with_a_notice(tmp_path: Path) -> None:
    path = written(tmp_path, "item,rater,answer\nox,a,7\nox,b,\nox,c,nan\n")
    with pytest.raises(InputError, match="There is no answer here"):
        read_numbers(path)
    answers = read_numbers(path, missing="drop")
    assert answers.values.tolist() == [7]
    assert answers.notices == ("2 of 3 rows have no item, rater or answer and were left out.",)


def test_only_the_question_asked_for_has_to_have_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "item,rater,question,answer\nox,a,colour,red\nox,a,weight,1207\nox,b,weight,1198\n")
    assert read_numbers(path, question="weight").values.tolist() == [1207, 1198]
    with pytest.raises(InputError, match="line 2"):
        read_numbers(path, question="colour")


def test_a_raters_last_number_counts() -> None:
    frame = pl.DataFrame({"item": ["ox"] * 3, "rater": ["a", "a", "b"], "answer": [1.0, 2.0, 3.0]})
    answers = read_numbers(frame)
    assert answers.values.tolist() == [2, 3]
    assert "the last one counts" in answers.notices[0]


def test_more_different_numbers_than_labels_may_be_are_read_as_numbers_only() -> None:
    frame = pl.DataFrame(
        {"item": "ox", "rater": [f"r{n}" for n in range(1500)], "answer": [n / 8 for n in range(1500)]}
    )
    assert read_numbers(frame).values.tolist() == frame["answer"].to_list()
    with pytest.raises(InputError, match="Numbers are read by read_numbers"):
        read_answers(frame)


def test_coded_answers_become_numbers_once() -> None:
    frame = pl.DataFrame({"item": ["a", "b"], "rater": ["x", "x"], "answer": ["5", "4"]})
    answers = encode_numbers(frame)
    assert as_numbers(answers) is answers
    assert answers.values.tolist() == [5, 4]
