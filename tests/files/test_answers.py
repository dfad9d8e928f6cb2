"""Reading answers: what is understood as it comes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.answers import Answers
from middlemost.errors import InputError, SettingError
from middlemost.files.answers import read_answers

CSV = "item,rater,answer\n007,w1,NA\n007,w2,yes\nnull,w1,NA\n"


def rows(answers: Answers) -> list[tuple[str, str, str]]:
    return answers.frame().select("item", "rater", "answer").rows()


WANTED = [("007", "w1", "NA"), ("007", "w2", "yes"), ("null", "w1", "NA")]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.csv", "\ufeff" + CSV),
        ("a.csv", CSV.encode("utf-16")),
        ("a.csv", CSV.replace("\n", "\r\n")),
        ("a.csv", CSV.replace("\n", "\r")),
        ("a.csv", CSV.replace(",", ";")),
        ("a.csv", CSV.replace("\n", "\n\n") + "\n\n"),
        ("a.tsv", CSV.replace(",", "\t")),
        ("a.csv.gz", gzip.compress(CSV.encode())),
        ("no-suffix", gzip.compress(CSV.encode())),
    ],
    ids=["plain", "bom", "utf-16", "crlf", "cr", "semicolons", "blank-lines", "tabs", "gzip", "gzip-without-suffix"],
)
def test_a_text_table_is_read_as_text_in_whatever_dress_it_comes(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    assert rows(read_answers(write(tmp_path, name, content))) == WANTED


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".json"])
def test_json_is_read_as_text_too(tmp_path: Path, suffix: str) -> None:
    objects = [dict(zip(("item", "rater", "answer"), row, strict=True)) for row in WANTED]
    text = json.dumps(objects) if suffix == ".json" else "\n".join(map(json.dumps, objects)) + "\n\n"
    data = gzip.compress(text.encode()) if suffix.endswith(".gz") else text.encode()
    assert rows(read_answers(write(tmp_path, f"a{suffix}", data))) == WANTED


def test_parquet_and_frames_are_read_whatever_the_types_of_their_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": [7, 8], "rater": ["a", "b"], "answer": [True, False]})
    frame.write_parquet(tmp_path / "a.parquet")
    wanted = [("7", "a", "true"), ("8", "b", "false")]
    assert rows(read_answers(tmp_path / "a.parquet")) == wanted
    assert rows(read_answers(frame)) == wanted
    assert rows(read_answers(frame.lazy())) == wanted


def test_whole_floats_are_the_codes_that_they_were_before_a_gap_made_them_floats() -> None:
    frame = pl.DataFrame({"item": ["a", "a", "b"], "rater": ["x", "y", "x"], "answer": [1.0, 0.0, float("nan")]})
    answers = read_answers(frame, missing="drop")
    assert answers.classes.to_list() == ["0", "1"]
    assert answers.notices == ("1 of 3 rows have no item, rater or answer and were left out.",)


def test_a_pandas_frame_is_read_without_pandas_being_asked_for() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"task": ["007", "007"], "worker": ["a", "b"], "label": [1.0, 2.0]})
    assert rows(read_answers(frame)) == [("007", "a", "1"), ("007", "b", "2")]


@pytest.mark.parametrize(
    "names",
    [
        ("task", "worker", "label"),
        ("task", "performer", "label"),
        ("item_id", "annotator_id", "annotation"),
        ("HITId", "WorkerId", "response"),
        ("_unit_id", "_worker_id", "answer"),
        ("Item", " Rater", "ANSWER"),
    ],
)
def test_the_names_that_other_tools_use_are_recognised(tmp_path: Path, names: tuple[str, str, str]) -> None:
    path = write(tmp_path, "a.csv", CSV.replace("item,rater,answer", ",".join(names)))
    assert rows(read_answers(path)) == WANTED


def test_our_own_names_go_before_those_of_other_tools(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,task,item,rater,label,answer\n1,t,i,r,wrong,right\n")
    assert rows(read_answers(path)) == [("i", "r", "right")]


def test_the_csv_export_of_label_studio_is_recognised_though_its_answers_have_the_name_of_the_control(
    tmp_path: Path,
) -> None:
    header = "text,id,sentiment,annotator,annotation_id,created_at,updated_at,lead_time\n"
    path = write(tmp_path, "a.csv", header + '"Fine, really",12,Positive,3,44,2026-01-01,2026-01-01,4.5\n')
    answers = read_answers(path)
    assert rows(answers) == [("12", "3", "Positive")]
    assert answers.seconds is not None
    assert answers.seconds.tolist() == [4.5]


def test_the_json_export_of_label_studio_is_flattened_and_cancelled_annotations_are_left_out(tmp_path: Path) -> None:
    def annotation(rater: object, choice: str, *, cancelled: bool = False) -> dict[str, object]:
        result = [{"from_name": "tone", "type": "choices", "value": {"choices": [choice]}}]
        return {"completed_by": rater, "result": result, "lead_time": 2.0, "was_cancelled": cancelled}

    tasks = [{"id": 1, "data": {}, "annotations": [annotation(5, "a"), annotation({"id": 6}, "b")]}]
    tasks.append({"id": 2, "data": {}, "annotations": [annotation(5, "a", cancelled=True), annotation(6, "b")]})
    answers = read_answers(write(tmp_path, "export.json", json.dumps(tasks)))
    assert rows(answers) == [("1", "5", "a"), ("1", "6", "b"), ("2", "6", "b")]
    assert answers.question == "tone"


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", CSV.replace("answer", "how_nice"))
    assert rows(read_answers(path, columns={"answer": "how_nice"})) == WANTED


def test_a_named_column_that_does_not_exist_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", CSV.replace("answer", "sentiment"))
    with pytest.raises(InputError, match=r"There is no column 'sentimnt'.*Did you mean 'sentiment'\?"):
        read_answers(path, columns={"answer": "sentimnt"})
    with pytest.raises(SettingError, match="'labl' is not a column"):
        read_answers(path, columns={"labl": "sentiment"})


def test_line_breaks_quotes_and_html_in_fields_stay_text(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'item,rater,answer\n"a\nb",w1,"<b>""x""</b>"\n')
    assert rows(read_answers(path)) == [("a\nb", "w1", '<b>"x"</b>')]


def test_repeats_and_questions_are_passed_on(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "item,rater,answer,question\n1,a,x,q\n1,a,y,q\n1,a,z,p\n")
    assert len(read_answers(path, question="q", repeats="all")) == 2
    assert rows(read_answers(path, question="q")) == [("1", "a", "y")]
    with pytest.raises(InputError, match=r"a.csv: There are answers to 2 questions: p, q"):
        read_answers(path)


def test_the_real_sets_are_read_whole(shared: Path) -> None:
    answers = read_answers(shared / "data/adult/answers.csv.gz", repeats="all")
    assert (answers.n_items, answers.n_raters, len(answers), answers.n_classes) == (11_040, 825, 92_721, 4)
    assert answers.items[0].startswith("http://")


def test_answers_that_a_release_marks_as_surplus_are_left_out_with_a_notice(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"item": list("aabb"), "rater": list("xyxy"), "answer": list("1212"), "surplus": [False, True, False, True]}
    )
    frame.write_parquet(tmp_path / "answers.parquet")
    frame.write_csv(tmp_path / "answers.csv")
    for source in (frame, tmp_path / "answers.parquet", tmp_path / "answers.csv"):
        answers = read_answers(source)
        assert answers.frame()["answer"].to_list() == ["1", "1"]
        assert answers.notices == ("2 answers are marked as surplus and were left out.",)


def test_a_column_surplus_of_another_meaning_changes_nothing() -> None:
    frame = pl.DataFrame({"item": list("aa"), "rater": list("xy"), "surplus": ["true", "false"]})
    assert len(read_answers(frame, columns={"answer": "surplus"})) == 2
    frame = pl.DataFrame({"item": list("aa"), "rater": list("xy"), "answer": list("12"), "surplus": [1, 0]})
    assert len(read_answers(frame)) == 2


def test_nothing_but_surplus_is_refused() -> None:
    frame = pl.DataFrame({"item": ["a"], "rater": ["x"], "answer": ["1"], "surplus": [True]})
    with pytest.raises(InputError, match="Every answer is marked as surplus"):
        read_answers(frame)


def test_a_row_without_an_answer_is_found_on_its_line_behind_surplus_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("item,rater,answer,surplus\na,x,1,true\n\na,y,2,false\nb,x,,false\n")
    with pytest.raises(InputError, match="line 5"):
        read_answers(path)
