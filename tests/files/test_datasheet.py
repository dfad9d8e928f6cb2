"""The datasheet: what was measured stands there, and what nobody stated is said to be so."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from middlemost.agreement import Alpha
from middlemost.consensus import conclude
from middlemost.core.answers import encode
from middlemost.core.protocol import Disclosure
from middlemost.files.datasheet import Facts, datasheet
from middlemost.files.protocol import parse_protocol

PROTOCOL = parse_protocol(
    "name: Tone\nparadigm: prescriptive\nquestions:\n- {id: tone, ask: How, options: [{id: kind}, {id: a|b}]}\n"
)
ANSWERS = encode(
    pl.DataFrame(
        {"item": ["1", "1", "2", "2"], "rater": ["r-001", "r-002"] * 2, "answer": ["kind", "kind", "kind", "a|b"]}
    )
)
FACTS = Facts(
    protocol=PROTOCOL.protocol,
    protocol_hash=PROTOCOL.hash,
    guideline_version=2,
    items=1234,
    complete=2,
    answers=4,
    corrected=1,
    surplus=0,
    repeats=0,
    skipped=3,
    raters=2,
    first_answer_at=0.0,
    last_answer_at=86_400.0,
    median_seconds=None,
    editions=1,
    gold={"random": 50},
    decisions=2,
    scripted=0,
    distribution={"kind": 3, "a|b": 1},
    labels={"kind": 2, "a|b": 0},
    agreement=(Alpha().measure(ANSWERS),),
    consensus=conclude(ANSWERS),
    files={"answers.parquet": "the answers"},
)


def test_what_was_measured_stands_in_the_datasheet() -> None:
    text = datasheet(FACTS)
    for words in (
        "4 answers by 2 raters to 1,234 items",
        "between 1970-01-01 and 1970-01-02",
        "Krippendorff’s α",
        "equal or not (nominal)",
        str(FACTS.agreement[0].estimate),
        "50 drawn at random",
        "decided on 2 items;",
        "uncalibrated",
        PROTOCOL.hash,
    ):
        assert words in text
    assert "nan" not in text.lower().split()


def test_what_nobody_stated_is_said_to_be_not_stated() -> None:
    assert datasheet(FACTS).count("*Not stated.*") == 16
    stated = PROTOCOL.protocol.model_copy(update={"disclosure": Disclosure(licence="CC BY 4.0")})
    assert "**Licence.** CC BY 4.0" in datasheet(replace(FACTS, protocol=stated))


def test_surplus_answers_are_told_apart_from_those_that_count() -> None:
    assert "came too late" not in datasheet(FACTS)
    text = datasheet(replace(FACTS, surplus=20))
    assert "4 answers by 2 raters to 1,234 items. 20 more came too late" in text
    assert "| surplus answers, too late for a place (outside all other numbers) | 20 |" in text


def test_an_option_cannot_break_a_table() -> None:
    assert "| a\\|b | 1 | 0 |" in datasheet(FACTS)


def test_without_gold_the_share_of_wrong_labels_is_not_known() -> None:
    assert "is not known: there is no gold drawn at random" in datasheet(FACTS)
