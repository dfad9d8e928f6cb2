"""What can be answered to each type of question, and that what is stored of an answer is the answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core import page
from middlemost.core.nouns import Item
from middlemost.core.questions import QUESTIONS, Choice, MultiChoice, Question, Ranking, Scale, Spans, Text
from middlemost.core.questions.spans import quoted
from middlemost.errors import InputError
from middlemost.files.protocol import parse_protocol

TEXT = "A 👩‍👩‍👧 family, e\u0301tude, שלום עולם and 🐂."
ITEM = Item("i", TEXT, {"replies": ["first", "second", "third"]})
OPTIONS = [{"id": "a"}, {"id": "b", "label": "Bee"}, {"id": "c,[d"}]


def of(row: type[Question], **declared: object) -> Any:
    name = next(name for name, one in QUESTIONS.items() if one is row)
    return row.model_validate({"id": "q", "ask": "?", "type": name, **declared})


def refused(question: Question, given: object) -> str:
    with pytest.raises(InputError) as caught:
        question.accept(given, ITEM)
    assert caught.value.place is not None
    assert caught.value.place.column == "q"
    return caught.value.message


def stored(question: Question, given: object, item: Item = ITEM) -> str:
    """What is stored of an answer; and that it is read back as it was."""
    value = question.accept(given, item)
    text = question.kind.text(value)
    assert question.kind.value(text) == value
    assert question.accept(question.kind.value(text), item) == value
    assert question.fits(question.kind.value(text))
    assert question.words(value)
    return text


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_example_of_every_type_is_in_order(name: str) -> None:
    example = "\n".join("  " + line for line in QUESTIONS[name].example.splitlines() if "when:" not in line)
    declared = parse_protocol(f"name: x\nparadigm: prescriptive\nquestions:\n{example}\n")
    assert {one.type for one in declared.protocol.questions} == {name}


def test_a_choice_is_one_of_the_options() -> None:
    question = of(Choice, options=OPTIONS)
    assert stored(question, "b") == "b"
    assert question.words("b") == "Bee"
    for wrong in ("B", "", 1, ["a"], None, {"a": 1}):
        assert "none of the options" in refused(question, wrong)


@given(st.lists(st.sampled_from(["a", "b", "c,[d"]), min_size=1, unique=True))
def test_a_set_of_options_is_stored_in_the_order_of_the_options(chosen: list[str]) -> None:
    question = of(MultiChoice, options=OPTIONS)
    assert question.kind.value(stored(question, chosen)) == [one for one in question.shown() if one in chosen]


def test_a_set_keeps_its_bounds() -> None:
    question = of(MultiChoice, options=OPTIONS, min=1, max=2)
    assert "At least 1" in refused(question, [])
    assert "At most 2" in refused(question, ["a", "b", "c,[d"])
    assert "twice" in refused(question, ["a", "a"])
    assert "list" in refused(question, "a")
    assert "none of the options" in refused(question, ["z"])
    assert stored(of(MultiChoice, options=OPTIONS, min=0), []) == "[]"


@given(st.floats(-1e15, 1e15))
def test_any_number_comes_back_exactly(number: float) -> None:
    question = of(Scale, look="number")
    assert float(stored(question, number)) == number


def test_numbers_that_are_equal_have_one_text() -> None:
    question = of(Scale, min=0, max=10, look="number")
    assert {stored(question, one) for one in (7, 7.0)} == {"7"}
    assert {stored(question, one) for one in (0, -0.0)} == {"0"}


@given(st.integers(0, 1000))
def test_every_step_of_a_scale_can_be_answered_and_nothing_between(n: int) -> None:
    question = of(Scale, look="slider", min=-0.3, max=99.7, step=0.1)
    stored(question, round(-0.3 + n * 0.1, 1))
    assert "steps of 0.1" in refused(question, round(-0.3 + n * 0.1, 1) + 0.05) or n == 1000


def test_a_scale_keeps_its_ends_and_takes_numbers_only() -> None:
    question = of(Scale, min=1, max=7)
    assert "at least 1" in refused(question, 0)
    assert "at most 7" in refused(question, 8)
    assert "steps of 1" in refused(question, 2.5)
    for wrong in ("3", True, float("nan"), float("inf"), 10**400, [3]):
        assert "number" in refused(question, wrong)
    assert question.points() == [1, 2, 3, 4, 5, 6, 7]
    assert of(Scale, look="number", unit="kg", anchors={1: "light"}).words(1) == "1 kg (light)"


def span(start: int, end: int, label: str = "a") -> dict[str, object]:
    return {"start": start, "end": end, "label": label}


@given(st.text(min_size=1, max_size=40), st.data())
def test_spans_count_code_points_in_any_script(text: str, data: st.DataObject) -> None:
    item = Item("i", text)
    ends = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2)))
    ranges = list(zip(ends[::2], ends[1::2], strict=False))
    spans = [span(a, b) for a, b in ranges]
    question = of(Spans, labels=OPTIONS)
    kept = question.kind.value(stored(question, spans[::-1], item))
    assert kept == spans
    assert [passage for passage, _ in quoted(text, kept)] == [
        text[a:b] for a, b in zip(ends[::2], ends[1::2], strict=False)
    ]


def test_a_span_marks_whole_emoji_combined_letters_and_right_to_left_words() -> None:
    question = of(Spans, labels=OPTIONS)
    for passage in ("👩‍👩‍👧", "e\u0301tude", "עולם", "🐂"):
        start = TEXT.index(passage)
        kept = question.accept([span(start, start + len(passage), "b")], ITEM)
        assert quoted(TEXT, kept) == [(passage, "b")]


@pytest.mark.parametrize(
    "wrong",
    [span(2, 2), span(-1, 3), span(0, len(TEXT) + 1), span(3, 1), span(0, True), {"start": 0, "end": 1}, "x", None],
)
def test_a_span_lies_in_the_text(wrong: object) -> None:
    refused(of(Spans, labels=OPTIONS), [wrong])


def test_spans_overlap_only_where_that_is_declared() -> None:
    over = [span(0, 5), span(3, 8, "b")]
    assert "overlap" in refused(of(Spans, labels=OPTIONS), over)
    assert stored(of(Spans, labels=OPTIONS, overlap=True), over)
    assert "twice" in refused(of(Spans, labels=OPTIONS, overlap=True), [span(0, 5), span(0, 5)])
    assert stored(of(Spans, labels=OPTIONS), [span(3, 5), span(0, 3)])  # neighbours do not overlap
    assert "At least 1" in refused(of(Spans, labels=OPTIONS, min=1), [])
    assert "At most 1" in refused(of(Spans, labels=OPTIONS, max=1), [span(0, 1), span(2, 3)])


def test_an_order_ranks_everything_once() -> None:
    question = of(Ranking, options=OPTIONS)
    assert stored(question, [["b"], ["a"], ["c,[d"]]) == '[["b"],["a"],["c,[d"]]'
    assert "3 are to be ranked" in refused(question, [["a"], ["b"]])
    assert "twice" in refused(question, [["a"], ["a"], ["b"]])
    assert "share" in refused(question, [["a", "b"], ["c,[d"]])
    assert "list of ranks" in refused(question, ["a", "b", "c,[d"])
    assert "list of ranks" in refused(question, [["a"], [], ["b"]])


def test_ties_and_the_top_of_an_order_where_they_are_declared() -> None:
    ties = of(Ranking, options=OPTIONS, ties=True)
    assert stored(ties, [["c,[d", "a"], ["b"]]) == '[["a","c,[d"],["b"]]'
    top = of(Ranking, options=OPTIONS, top=2, ties=True)
    assert stored(top, [["b"], ["a"]])
    assert stored(top, [["b"], ["a", "c,[d"]])  # a tie at the last rank
    assert "Only the first 2" in refused(top, [["b"], ["a"], ["c,[d"]])
    assert "2 are to be ranked" in refused(top, [["b"]])


def test_a_list_that_the_item_brings_is_ranked_by_its_places() -> None:
    question = of(Ranking, field="replies")
    assert stored(question, [["3"], ["1"], ["2"]]) == '[["3"],["1"],["2"]]'
    assert "none of the options" in refused(question, [["4"], ["1"], ["2"]])
    assert question.entries(ITEM) == {"1": "first", "2": "second", "3": "third"}


@given(st.text(max_size=50))
def test_a_text_is_kept_as_it_was_written_or_refused(text: str) -> None:
    question = of(Text, max=60)
    try:
        kept = question.accept(text, ITEM)
    except InputError:
        return
    assert kept == text.replace("\r\n", "\n").replace("\r", "\n").strip()
    kept.encode()
    assert stored(question, text) == kept


def test_a_text_keeps_its_length_counted_in_code_points() -> None:
    question = of(Text, min=2, max=3)
    assert stored(question, " 🐂🐂🐂 ") == "🐂🐂🐂"
    assert "at least 2" in refused(question, "🐂")
    assert "at most 3" in refused(question, "abcd")
    assert "U+D800" in refused(question, "ab\ud800")
    assert "U+0000" in refused(question, "ab\0")


QUESTIONNAIRE = parse_protocol(
    """\
name: x
paradigm: prescriptive
questions:
  - {id: harmful, ask: "?", options: [{id: "yes"}, {id: "no"}]}
  - id: kinds
    type: multichoice
    ask: "?"
    when: {question: harmful, is: "yes"}
    options: [{id: insult}, {id: threat}]
  - {id: how, type: scale, ask: "?", min: 1, max: 5, when: {question: kinds, is: [threat]}}
  - {id: why, type: text, ask: "?", required: no, when: {question: how, is: [4, 5.0]}}
"""
).protocol.questions


def test_a_page_is_judged_as_a_whole_with_its_conditions() -> None:
    said = {"harmful": "yes", "kinds": ["threat", "insult"], "how": 5, "why": "so"}
    kept = page.accept(QUESTIONNAIRE, said, ITEM)
    assert kept == {"harmful": "yes", "kinds": ["insult", "threat"], "how": 5, "why": "so"}
    texts = page.texts(QUESTIONNAIRE, kept)
    assert texts == {"harmful": "yes", "kinds": '["insult","threat"]', "how": "5", "why": "so"}
    assert page.values(QUESTIONNAIRE, texts) == kept
    assert page.accept(QUESTIONNAIRE, {"harmful": "no", "kinds": None}, ITEM) == {"harmful": "no"}


@pytest.mark.parametrize(
    ("said", "question", "why"),
    [
        ({"harmful": "no", "kinds": ["insult"]}, "kinds", "does not come up"),
        ({"harmful": "yes"}, "kinds", "has no answer"),
        ({"harmful": "yes", "kinds": ["insult"], "how": 3}, "how", "does not come up"),
        ({"harmful": "yes", "kinds": ["threat"], "how": 3, "why": "so"}, "why", "does not come up"),
        ({"harmful": "yes", "kinds": ["threat"]}, "how", "has no answer"),
        ({}, "harmful", "has no answer"),
        ({"harmfull": "yes"}, "harmfull", "no such question"),
        ({"harmful": "maybe"}, "harmful", "none of the options"),
    ],
)
def test_a_page_that_is_not_in_order_is_refused_by_the_name_of_the_question(
    said: dict[str, object], question: str, why: str
) -> None:
    with pytest.raises(InputError, match=why) as caught:
        page.accept(QUESTIONNAIRE, said, ITEM)
    assert caught.value.place is not None
    assert caught.value.place.column == question


def test_a_page_without_any_answer_is_refused() -> None:
    with pytest.raises(InputError, match="No question is answered"):
        page.accept([of(Text, required=False)], {"q": None}, ITEM)
