"""Sets of labels from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from middlemost.errors import InputError, SettingError
from middlemost.files.sets import read_sets


def test_sets_are_read_in_one_spelling_with_the_options_of_other_answers(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("tweet,who,tags\n1,ann,b;a\n1,bob,a; b\n1,cy,\n2,ann,-\n")
    columns = {"item": "tweet", "rater": "who", "answer": "tags"}
    answers = read_sets(path, ";", empty="-", columns=columns, missing="drop")
    assert answers.classes.to_list() == ["", "a;b"]
    assert len(answers) == 3
    with pytest.raises(InputError, match="no answer here"):
        read_sets(path, ";", columns=columns)


def test_an_empty_separator_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("item,rater,answer\n1,ann,a\n")
    with pytest.raises(SettingError, match="separator is empty"):
        read_sets(path, "")
