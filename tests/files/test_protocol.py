"""Reading protocol.yaml: values as they were written, mistakes with their place and mend."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.protocol import Protocol
from middlemost.core.questions import QUESTIONS
from middlemost.errors import InputError, ProtocolError
from middlemost.files.protocol import json_schema, parse_protocol, read_protocol

GOOD = """\
name: Tone
paradigm: prescriptive
questions:
  - id: tone
    ask: How does this sound?
    options:
      - id: yes
      - id: no
      - id: 007
collection:
  answers_per_item: 2
"""


def problems(text: str) -> list[InputError]:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(text)
    return caught.value.problems


def only(text: str) -> InputError:
    found = problems(text)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def places(text: str) -> list[tuple[int | None, int | str | None]]:
    return [(one.place.line, one.place.column) for one in problems(text) if one.place]


def test_a_protocol_is_read_with_words_left_as_words() -> None:
    declared = parse_protocol(GOOD)
    assert [option.id for option in declared.protocol.question.options] == ["yes", "no", "007"]
    assert declared.protocol.collection.answers_per_item == 2
    assert declared.hash == sha256(GOOD.encode()).hexdigest()


def test_keys_without_a_value_count_as_absent() -> None:
    declared = parse_protocol(GOOD + "disclosure:\n  licence:\n")
    assert declared.protocol.disclosure.licence is None


@pytest.mark.parametrize(
    ("old", "new", "place", "says", "mend"),
    [
        ("paradigm:", "paradim:", (2, 1), "`paradim` is not known here", "Did you mean paradigm?"),
        ("answers_per_item", "answer_per_item", (11, 3), "not known here", "Did you mean answers_per_item?"),
        ("prescriptive", "prescriptiv", (2, 11), "prescriptive or descriptive", "Did you mean prescriptive?"),
        ("item: 2", "item: two", (11, 21), "has to be a whole number", "digits"),
        ("item: 2", "item: 0", (11, 21), "at least 1", ""),
        ("ask: How does this sound?", "ask:", (5, 9), "`questions[1].ask` has no value", "For example"),
        ("    ask: How does this sound?\n", "", (4, 5), "`questions[1].ask` is missing", "For example"),
        ("- id: no\n", "- id: yes\n", (8, 13), "same id", "its own"),
        ("name: Tone", "name: Tone\nname: Voice", (2, 1), "given twice", "Keep one"),
        ("name: Tone", "name: &a Tone", (1, 7), "Anchors", "Write it out"),
        ("name: Tone", "name: !!python/object:os.system Tone", (1, 7), "Tags", "Leave it out"),
        ("name: Tone", "name: Tone: polite", (1, 11), "not YAML", "quotation marks"),
        ("  - id: tone", "\t- id: tone", (4, 1), "not YAML", "spaces, not tabs"),
        ("ask: How does", 'ask: "How does', (5, 10), "never closed", "Close it"),
        (GOOD[GOOD.index("options:") : GOOD.index("collection")], "options: none\n", (6, 14), "has to be a list", ""),
        ("item: 2", "item: [2]", (11, 21), "has to be a whole number", ""),
        ("name: Tone", "name: [a, b]", (1, 7), "has to be a text", ""),
        ("collection:\n  answers_per_item: 2", "collection: 2", (10, 13), "keys of its own", ""),
    ],
)
def test_each_mistake_has_its_place_and_its_mend(
    old: str, new: str, place: tuple[int, int], says: str, mend: str
) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    wanted = [one for one in found if one.place and (one.place.line, one.place.column) == place]
    assert wanted, [str(one) for one in found]
    assert says in wanted[0].message
    assert mend in (wanted[0].mend or "")


SEVERAL = """\
name: Harm
paradigm: prescriptive
questions:
  - id: harmful
    ask: Is it harmful?
    options: [{id: "yes"}, {id: "no"}]
  - id: kinds
    type: multichoice
    ask: Which kinds?
    required: no
    min: 1
    max: 2
    when: {question: harmful, is: yes}
    options: [{id: insult}, {id: threat}, {id: slur}]
  - id: heat
    type: scale
    ask: How heated?
    min: 1
    max: 5
    anchors: {1: calm, 5: furious}
  - id: where
    type: spans
    ask: Where?
    labels: [{id: bad}]
  - id: order
    type: ranking
    ask: In which order?
    options: [{id: one}, {id: two}]
  - id: why
    type: text
    ask: Why?
    min: 3
    when: {question: heat, is: [4, 5]}
"""


def test_several_questions_of_all_types_are_read() -> None:
    protocol = parse_protocol(SEVERAL).protocol
    assert [one.type for one in protocol.questions] == ["choice", "multichoice", "scale", "spans", "ranking", "text"]
    assert [one.required for one in protocol.questions] == [True, False, True, True, True, True]
    assert protocol.main is protocol.question


@pytest.mark.parametrize(
    ("old", "new", "place", "says", "mend"),
    [
        ("type: multichoice", "type: multichoise", (8, 11), "`questions[2].type` is choice or multi", "multichoice?"),
        ("required: no", "required: perhaps", (10, 15), "`questions[2].required` is yes or no", ""),
        ("required: no", "requird: no", (10, 5), "not known here", "Did you mean required?"),
        ("max: 2", "max: lots", (12, 10), "has to be a whole number", "digits"),
        ("max: 2", "max: 0", (12, 10), "at least 1", ""),
        ("min: 1\n    max: 2", "min: 2\n    max: 1", (12, 10), "`max` is below `min`, which is 2", "Exchange"),
        ("is: yes}", "is: perhaps}", (13, 35), "'perhaps' is no answer to 'harmful'", "Its answers are: yes, no"),
        ("is: yes}", "is: yess}", (13, 35), "'yess' is no answer to 'harmful'", "Did you mean yes?"),
        ("question: harmful", "question: harmfull", (13, 22), "no question 'harmfull'", "Did you mean harmful?"),
        ("question: harmful", "question: heat", (13, 22), "'heat' is not asked before", "further up"),
        ("question: harmful", "question: kinds", (13, 22), "'kinds' is not asked before", "further up"),
        ("question: heat", "question: where", (33, 22), "cannot ask for the answer to 'where'", "a choice"),
        ("is: [4, 5]", "is: [4, 6]", (33, 36), "'6' is no answer to 'heat'", "a number of its scale"),
        ("question: heat, is: [4, 5]", "question: heat", (33, 11), "`questions[6].when.is` is missing", ""),
        ("question: heat, is", "question: heat, ist", (33, 28), "not known here", "Did you mean is?"),
        ("id: slur", "id: insult", (14, 48), "Two options have the same id", "its own"),
        ("id: why", "id: heat", (29, 9), "Two questions have the same id", "its own"),
        ("min: 1\n    max: 5", "max: 5", (15, 5), "A likert scale needs `min`", "min: 1"),
        ("max: 5", "max: 1", (19, 10), "`max` has to be above `min`", "Exchange"),
        ("max: 5", "max: 500", (19, 10), "more than 21 points", "slider"),
        ("5: furious", "7: furious", (20, 24), "7 is no point of this scale", ""),
        ("5: furious", "five: furious", (20, 24), "has to be a number", "digits"),
        ("labels: [{id: bad}]", "labels: []", (24, 13), "needs at least 1", ""),
        ("    options: [{id: one}, {id: two}]\n", "", (25, 5), "needs `options`, or the `field`", ""),
        ("{id: two}]", "{id: two}]\n    field: x", (29, 12), "not both", "Leave one out"),
        ("paradigm:", "show: markdown\nparadigm:", (23, 11), "cannot be marked in items shown as markdown", "text"),
        ("min: 3", "min: 3000", (32, 10), "which is below `min`", ""),
    ],
)
def test_each_mistake_in_a_question_has_its_place_and_its_mend(
    old: str, new: str, place: tuple[int, int], says: str, mend: str
) -> None:
    assert SEVERAL.count(old) >= 1
    found = problems(SEVERAL.replace(old, new, 1))
    at = [(one.place.line, one.place.column) for one in found if one.place]
    assert place in at, [str(one) for one in found]
    told = found[at.index(place)]
    assert says in told.message
    assert mend in (told.mend or "")


def test_the_schema_has_every_type_of_question() -> None:
    schema = json_schema()
    shown = schema["properties"]["questions"]["items"]["oneOf"]
    assert {one["$ref"].rpartition("/")[2] for one in shown} == {row.__name__ for row in QUESTIONS.values()}
    for row in QUESTIONS.values():
        declared = schema["$defs"][row.__name__]
        assert all(one.get("description") or "const" in one for one in declared["properties"].values()), row


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("item: 2", "item: none")
        .replace("prescriptive", "both")
        .replace("- id: 007", "- id: 007\n        lable: x")
    )
    assert places(text) == [(2, 11), (10, 9), (12, 21)]


def test_a_text_that_is_no_mapping_is_refused() -> None:
    for text in ("just words", "- a\n- b", "", "# nothing\n"):
        assert "A protocol has lines like" in only(text).message


def test_bombs_are_refused_quickly() -> None:
    bomb = "a: &a [x,x]\n" + "\n".join(f"b{n}: &b{n} [*a,*a,*a,*a,*a,*a,*a,*a,*a]" for n in range(30))
    assert "Anchors" in problems(bomb)[0].message
    assert "nested too deeply" in only("a: " + "[" * 5000 + "]" * 5000).message


def test_a_file_in_another_encoding_is_refused_with_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_bytes("name: Ton\nparadigm: prescriptive\nask: Wie klingt das für Sie?\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"line 3.*Byte 22.*0xFC.*UTF-8"):
        read_protocol(path)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert read_protocol(path).protocol.name == "Tone"


def test_a_control_character_is_named_with_its_line() -> None:
    one = only(GOOD.replace("How does", "How\x07does"))
    assert one.place is not None
    assert (one.place.line, "U+0007" in one.message) == (5, True)


def test_every_example_of_the_json_schema_keys_is_known_to_the_reader() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(Protocol.model_fields)
    assert schema["additionalProperties"] is False
    json.dumps(schema)


@given(st.text(max_size=200))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    try:
        parse_protocol(text)
    except ProtocolError as error:
        assert error.problems  # noqa: PT017


@given(st.data())
def test_no_damaged_protocol_breaks_the_reader(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    cut = data.draw(st.integers(0, 20))
    put = data.draw(st.text(alphabet=":-[]{}&*!#'\"\n\t ab", max_size=5))
    try:
        parse_protocol(GOOD[:at] + put + GOOD[at + cut :])
    except ProtocolError as error:
        assert all(one.place for one in error.problems)  # noqa: PT017


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("url: example.org/toxic", "begins with https://"),
        ("published: yesterday", "a day, as in 2026-11-24"),
        ("workforce: crowds", "crowd or experts or others"),
        ("licence: [a]", "has to be a text"),
    ],
)
def test_a_disclosure_that_machines_could_not_read_is_a_mistake_with_its_place(line: str, says: str) -> None:
    (found,) = problems(GOOD + f"disclosure:\n  {line}\n")
    assert says in str(found)
    assert found.place is not None
    assert found.place.line == GOOD.count("\n") + 2


def test_a_language_is_one_or_a_list_and_a_day_stays_what_it_is() -> None:
    for written in ("en", "[en]"):
        told = parse_protocol(
            GOOD + f"disclosure:\n  language: {written}\n  published: 2026-11-24\n"
        ).protocol.disclosure
        assert (told.language, told.published) == (["en"], "2026-11-24")


def test_the_disclosure_of_the_documentation_is_in_order() -> None:
    text = (Path(__file__).parents[2] / "docs" / "project.md").read_text("utf-8")
    example = next(one for one in text.split("```yaml\n") if one.startswith("disclosure:")).split("```")[0]
    told = parse_protocol(GOOD + example).protocol.disclosure
    assert all(value is not None for _, value in told)
