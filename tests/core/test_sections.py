"""Sections of Markdown: what their ids are made of, and what begins one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.sections import sections

TEXT = """\
Read *all* of this.

# Respect

## Insults & `slurs`

> ## A quotation

- # A list

```
# code
```

Threats
-------

### Insults & slurs

# Respect
"""


def test_ids_are_the_path_of_headings_that_leads_to_a_section() -> None:
    assert [one.id for one in sections(TEXT)] == [
        "preamble",
        "respect",
        "respect/insults-slurs",
        "respect/threats",
        "respect/threats/insults-slurs",
        "respect-2",
    ]
    assert [one.title for one in sections(TEXT)][:3] == [None, "Respect", "Insults & slurs"]
    assert [one.depth for one in sections(TEXT)] == [0, 1, 2, 2, 3, 1]


def test_an_id_stays_where_the_words_below_it_change() -> None:
    assert [one.id for one in sections(TEXT.replace("code", "other"))] == [one.id for one in sections(TEXT)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        ("\n\n", []),
        ("No heading.", ["preamble"]),
        ("# !?", ["section"]),
        ("# 指南\n# تعليمات", ["指南", "تعليمات"]),
    ],
)
def test_text_without_headings_and_headings_in_any_script(text: str, ids: list[str]) -> None:
    assert [one.id for one in sections(text)] == ids


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["a", "A", "a 2", "a-2", "b"])), max_size=12))
def test_ids_are_unique_in_a_text(headings: list[tuple[int, str]]) -> None:
    found = [one.id for one in sections("\n\n".join(f"{'#' * depth} {title}" for depth, title in headings))]
    assert len(found) == len(headings) == len(set(found))
