"""Groups of raters are counted so that no small one can be worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.about import LEAST, AboutQuestion, AboutRaters, Groups, Said, at_least, grouped, settled, showable
from middlemost.errors import ProtocolError
from middlemost.files.protocol import parse_protocol

QUESTION = AboutQuestion(id="age", ask="How old are you?", options=[{"id": "young"}, {"id": "old"}, {"id": "older"}])
PROTOCOL = """\
name: Tone
paradigm: descriptive
questions: [{id: tone, ask: "How does this sound?", options: [{id: kind}, {id: rude}]}]
about_raters:
  why: To see whether groups judge differently.
  questions: [{id: age, ask: "How old are you?", options: [{id: young}, {id: old}]}]
"""

cells = st.lists(st.integers(0, 9), min_size=2, max_size=4)


def seen(numbers: list[int]) -> tuple[tuple[int | None, ...], int]:
    """All that is shown of these numbers: which stand there, and what all of them come to."""
    return tuple(n if shown else None for n, shown in zip(numbers, showable(numbers), strict=True)), sum(numbers)


def alike(numbers: list[int], places: list[int]) -> Iterator[list[int]]:
    """Every list of numbers of which the same would be shown, for somebody who knows the rule; `places` are hidden."""
    left = sum(numbers[place] for place in places)
    for tried in product(range(left + 1), repeat=len(places) - 1):
        if sum(tried) <= left:
            other = list(numbers)
            for place, n in zip(places, (*tried, left - sum(tried)), strict=True):
                other[place] = n
            if seen(other) == seen(numbers):
                yield other


@given(cells)
def test_no_group_of_fewer_than_five_is_shown(numbers: list[int]) -> None:
    assert all(n >= LEAST for n, shown in zip(numbers, showable(numbers), strict=True) if shown)


@given(cells.filter(any))
def test_no_hidden_number_follows_from_what_is_shown_even_for_who_knows_the_rule(numbers: list[int]) -> None:
    hidden = [place for place, shown in enumerate(showable(numbers)) if not shown]
    certain = set(hidden)
    for other in alike(numbers, hidden) if hidden else ():
        certain -= {place for place in hidden if other[place] != numbers[place]}
        if not certain:
            break
    assert not certain


def told_of(sizes: Sequence[int], unsaid: int) -> Groups:
    """What is told of groups of these sizes, and of so many who did not answer."""
    question = AboutQuestion(id="q", ask="?", options=[{"id": f"o{place}"} for place in range(len(sizes))])
    said = [{"q": f"o{place}"} for place, n in enumerate(sizes) for _ in range(n)]
    return grouped(question, said, sum(sizes) + unsaid)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=3), st.integers(0, 9))
def test_no_small_group_follows_from_all_that_is_told_of_a_question(sizes: list[int], unsaid: int) -> None:
    told = told_of(sizes, unsaid)
    hidden = [place for place in range(len(sizes)) if f"o{place}" in told.hidden]
    certain = set(hidden) if sum(sizes) + unsaid else set()
    for tried in product(range(told.rest + 1), repeat=len(hidden)):
        other = list(sizes)
        for place, n in zip(hidden, tried, strict=True):
            other[place] = n
        left = sum(sizes) + unsaid - sum(other)
        if certain and left >= 0 and vars(told_of(other, left)) == vars(told):
            certain -= {place for place in hidden if other[place] != sizes[place]}
    assert not certain


@given(cells)
def test_what_is_hidden_together_is_no_small_group_either(numbers: list[int]) -> None:
    hidden = [n for n, shown in zip(numbers, showable(numbers), strict=True) if not shown]
    assert not hidden or sum(hidden) >= LEAST or len(hidden) == len(numbers)


@given(cells, st.randoms())
def test_which_groups_are_hidden_depends_on_their_sizes_alone(numbers: list[int], random) -> None:
    order = random.sample(range(len(numbers)), len(numbers))
    mixed = showable([numbers[place] for place in order])
    assert mixed == tuple(showable(numbers)[place] for place in order)


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([7, 9, 0, 6], [True, True, False, False]),
        ([5, 5, 5, 5], [True] * 4),
        ([0, 0, 8, 9], [False, False, False, True]),
        ([4, 4, 5, 5], [False] * 4),
        ([2, 9], [False, False]),
    ],
)
def test_one_small_group_takes_the_smallest_of_the_others_with_it(numbers: list[int], shown: list[bool]) -> None:
    assert list(showable(numbers)) == shown


def test_raters_who_say_nothing_are_a_group_like_any_other() -> None:
    said = [{"age": "young"}] * 6 + [{"age": "old"}] * 8 + [{"age": "older"}] * 7 + [{}]
    found = grouped(QUESTION, said, 25)
    assert (found.shown, found.unsaid, found.hidden, found.rest) == ({"old": 8, "older": 7}, None, ("young",), 10)


def test_that_all_have_answered_hides_no_group() -> None:
    found = grouped(QUESTION, [{"age": "young"}] * 6 + [{"age": "old"}] * 8 + [{"age": "older"}] * 7, 21)
    assert (found.shown, found.unsaid, found.hidden) == ({"young": 6, "old": 8, "older": 7}, 0, ())


def test_numbers_of_raters_add_up_to_all_of_them() -> None:
    found = grouped(QUESTION, [{"age": "young"}] * 6 + [{"age": "gone"}] * 2, 20)
    assert sum(found.shown.values()) + found.rest + (found.unsaid or 0) == 20


@given(st.integers(0, 30))
def test_answers_are_counted_five_raters_at_a_time_the_first_ones_first(n: int) -> None:
    told = {f"r-{number:03d}": Said({}, float(number), "") for number in range(n)}
    assert settled(dict(reversed(told.items()))) == list(told)[: n - n % 5]


def test_who_agreed_to_more_agreed_to_less() -> None:
    assert at_least("rows", "counts")
    assert at_least("counts", "nothing")
    assert not at_least("nothing", "counts")


def test_a_protocol_without_a_release_releases_the_sizes_of_groups() -> None:
    asked = parse_protocol(PROTOCOL).protocol.about_raters
    assert isinstance(asked, AboutRaters)
    assert asked.release == "counts"


BROKEN = [
    (("  why: To see whether groups judge differently.\n", ""), "`about_raters.why` is missing"),
    (("{id: old}", "{id: young}"), "have the same id"),
    (("{id: age,", "{id: rater,"), "Give the question another id"),
    (("about_raters:", "collection: {quotas: {by: age, answers: {young: 1}}}\nabout_raters:"), "never by what raters"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_each_mistake_is_told_in_words(change: tuple[str, str], said: str) -> None:
    with pytest.raises(ProtocolError, match=re.escape(said)):
        parse_protocol(PROTOCOL.replace(*change))


def test_the_documented_example_is_in_order() -> None:
    page = (Path(__file__).parents[2] / "docs" / "project.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(about_raters:.*?)```", page, re.DOTALL)
    asked = parse_protocol(PROTOCOL.partition("about_raters:")[0] + example).protocol.about_raters
    assert asked is not None
    assert [one.id for one in asked.questions] == ["age", "language"]
