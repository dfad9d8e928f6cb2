"""Whatever raters say of whatever text comes back from the formats of other tools as it went out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from middlemost.core.nouns import Item
from middlemost.core.protocol import Protocol
from middlemost.files.argilla_project import read_project as read_argilla
from middlemost.files.doccano_project import read_project as read_doccano
from middlemost.files.exports import EXPORTS, Outgoing
from middlemost.files.incoming import Incoming

SIGNS = st.sampled_from(
    [*"abc ,\n\"'{}[]<&\\", "🐂", "👩‍🌾", "שור", "ثور", "e\u0301", "\u2028", "\ufeff", "牛", "\u200f"]
)
WORDS = st.lists(SIGNS, min_size=1, max_size=12).map("".join).filter(str.strip)
Said = Mapping[str, Any]


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A text with passages marked in it."""
    text = draw(WORDS)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda pair: pair[0] < pair[1])
    found = draw(st.sets(st.tuples(places, st.sampled_from(["person", "place"])), max_size=4))
    return text, [{"start": start, "end": end, "label": label} for (start, end), label in sorted(found)]


def going_out(question: dict[str, Any], texts: list[str], said: list[Said]) -> Outgoing:
    protocol = Protocol.model_validate({"name": "Trip", "paradigm": "descriptive", "questions": [question]})
    asked = protocol.question
    rows = [
        {"item": f"i{n}", "rater": f"r-{rater:03}", "round": 1, "question": asked.id, "answer": asked.kind.text(value)}
        for n, one in enumerate(said)
        for rater, value in one.items()
    ]
    schema = {"item": pl.String, "rater": pl.String, "round": pl.Int32, "question": pl.String, "answer": pl.String}
    frame = pl.DataFrame(rows, schema=schema).with_columns(
        pl.lit(0, dtype=pl.Datetime("us", "UTC")).alias("submitted_at"), pl.lit(None, dtype=pl.Int64).alias("active_ms")
    )
    return Outgoing(protocol, tuple(Item(f"i{n}", text) for n, text in enumerate(texts)), {}, frame)


def came_back(out: Outgoing, format: str) -> Incoming:
    made = EXPORTS[format](out)
    with tempfile.TemporaryDirectory() as folder:
        file, declared = Path(folder) / "out.json", Path(folder) / "settings.json"
        file.write_bytes(made.content)
        if format == "doccano":
            return read_doccano([file])
        declared.write_bytes(made.beside[".settings.json"])
        return read_argilla(file, declared)


def answers(theirs: Incoming) -> list[tuple[str, str, Any]]:
    return [(page.item, page.rater, next(iter(page.values.values()))) for page in theirs.pages]


SPANS = {
    "id": "names", "type": "spans", "ask": "Names?", "overlap": True, "labels": [{"id": "person"}, {"id": "place"}],
}  # fmt: skip
CHOICE = {"id": "tone", "ask": "Tone?", "options": [{"id": "kind"}, {"id": "rude"}]}


@settings(max_examples=150, deadline=None)
@given(st.lists(marked(), min_size=1, max_size=4), st.sampled_from(["doccano", "argilla"]))
def test_passages_come_back_in_any_script(texts: list[tuple[str, list[dict[str, Any]]]], format: str) -> None:
    if not any(spans for _, spans in texts):
        return  # nobody knows what was asked
    out = going_out(SPANS, [text for text, _ in texts], [{1: spans, 2: []} for _, spans in texts])
    theirs = came_back(out, format)
    assert [one.text for one in theirs.items] == [text for text, _ in texts]
    assert answers(theirs) == [
        (f"i{n}", f"r-{rater:03}", spans if rater == 1 else [])
        for n, (_, spans) in enumerate(texts)
        for rater in (1, 2)
    ]
    assert theirs.left == ()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(st.integers(1, 3), st.sampled_from(["kind", "rude"])), min_size=1, max_size=5),
    st.sampled_from(["doccano", "argilla"]),
)
def test_choices_come_back_whoever_made_them(said: list[Said], format: str) -> None:
    if len({value for one in said for value in one.values()}) < 2:
        return  # doccano names no option that nobody chose
    theirs = came_back(going_out(CHOICE, [f"text {n}" for n in range(len(said))], said), format)
    expected = [(f"i{n}", f"r-{rater:03}", value) for n, one in enumerate(said) for rater, value in one.items()]
    assert sorted(answers(theirs)) == sorted(expected)
    assert len(theirs.items) == len(said)
