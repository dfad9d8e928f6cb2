"""CSV that people open in spreadsheets: texts are harmless, numbers are numbers."""

from __future__ import annotations

import csv

import pytest

from middlemost.files.spreadsheet import lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_text_that_would_be_run_has_an_apostrophe_before_it(text: str) -> None:
    assert list(csv.reader(lines([text], [[text]]))) == [[f"'{text}"], [f"'{text}"]]


@pytest.mark.parametrize("text", ["", "1=1", "a\nb", 'say "no", please', "don't"])
def test_another_text_stays_as_it_is(text: str) -> None:
    assert list(csv.reader(lines(["a", "b"], [[text, "x"]])))[1] == [text, "x"]


def test_numbers_below_zero_stay_numbers_and_none_is_empty() -> None:
    assert list(lines(["a", "b", "c"], [[-0.5, -3, None]])) == ["a,b,c\r\n", "-0.5,-3,\r\n"]
