"""What is said blind of items drawn at random says how many labels are wrong; everything else goes by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.core.answers import Answers, encode
from middlemost.core.gold import as_gold
from middlemost.core.nouns import Item, Person
from middlemost.errors import AccessError, SettingError, StateError
from middlemost.project.add import add
from middlemost.project.collected import gold
from middlemost.project.conclude import conclude, labels, share_wrong
from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.release import release
from middlemost.project.review import review
from middlemost.project.sample import chosen, draw, sample, sampled
from middlemost.project.standing import pulse, standing
from middlemost.web.headline import headline

Rater = Callable[[str], Person]
N = 30


@pytest.fixture
def project(folder: Path):
    with Project.open(folder) as opened:
        add(opened, [Item(f"i{n:02d}", f"text {n}") for n in range(N)])
        yield opened


@pytest.fixture
def answered(project: Project, rater: Rater, answer_all: Callable[..., int]) -> Project:
    """Thirty items, two raters who differ on every third."""
    answer_all(rater("Ada"), "kind")
    answer_all(rater("Bo"), "kind", "kind", "no")
    return project


def decide(project: Project, item: str, blind: str | None = "kind", label: str = "kind") -> None:
    review(project, None, item, label, "so", blind=blind)


def test_a_sample_measures_the_labels_once_it_is_decided_and_not_before(answered: Project) -> None:
    made = draw(answered, None, 10, seed=1)
    for one in made.items[:9]:
        decide(answered, one.item, "no" if one is made.items[0] else "kind")
    assert gold(answered) is None
    assert conclude(answered).error is None
    assert sampled(answered).decided == 9
    decide(answered, made.items[9].item)
    known = gold(answered)
    assert (known.drawn, len(known)) == ("random", 10)
    assert conclude(answered).error == share_wrong(answered)
    assert share_wrong(answered).value == 0.1
    assert sampled(answered).counts == 10
    said = headline(standing(answered), "prescriptive")
    assert said.said == "About 10.0 % of the labels are wrong."
    assert "measured on 10 items drawn at random and decided blind" in said.why


def test_the_decision_fixes_the_label_and_what_was_said_blind_is_the_gold(answered: Project) -> None:
    (one,) = draw(answered, None, 1, seed=1).items
    decide(answered, one.item, blind="no", label="neutral")
    assert dict(zip(gold(answered).items, gold(answered).labels, strict=True)) == {one.item: "no"}
    row = labels(answered).row(by_predicate=pl.col("item") == one.item, named=True)
    assert (row["label"], row["source"]) == ("neutral", "decision")


def test_decisions_on_disputed_items_never_say_anything_of_the_others(answered: Project) -> None:
    for n in range(2, N, 3):
        decide(answered, f"i{n:02d}")
    assert gold(answered) is None
    assert standing(answered).consensus.error is None


def test_the_release_says_which_gold_a_review_found(answered: Project, tmp_path: Path) -> None:
    add(answered, gold={"i00": "kind"}, drawn="chosen")
    made = draw(answered, None, 5, seed=1)
    for one in made.items:
        decide(answered, one.item)
    out = release(answered, tmp_path / "out")
    found = pl.read_parquet(out / "gold.parquet")
    assert found.filter(pl.col("source") == "review")["drawn"].to_list() == ["random"] * 5
    assert found.filter(pl.col("source") == "given").rows() == [("i00", "kind", "chosen", "given")]
    assert set(found["item"]) == set(pl.read_parquet(out / "answers.parquet").filter("is_gold")["item"])
    sheet = (out / "DATASHEET.md").read_text()
    assert "1 chosen, 5 drawn at random. Of these 5 were drawn at random out of 29 items with answers" in sheet


def test_the_figures_follow_a_draw(answered: Project) -> None:
    before = pulse(answered)
    draw(answered, None, 3)
    assert pulse(answered) != before
    assert standing(answered).sample.n == 3


def test_a_sample_tells_what_it_is_drawn_from(project: Project, rater: Rater, answer_all: Callable[..., int]) -> None:
    assert sample(project).frame == 0
    answer_all(rater("Ada"), "kind")
    assert (sample(project).frame, sample(project).unfinished, sample(project).renewed) == (30, 30, False)
    draw(project, None, 4)
    assert (sample(project).frame, sample(project).unfinished) == (26, 26)
    add(project, [Item("new", "new")])
    answer_all(rater("Bo"), "kind")
    assert (sample(project).frame, sample(project).renewed) == (31, True)


def test_who_may_not_decide_draws_nothing(answered: Project) -> None:
    auditor = join(answered, invite(answered, role="auditor"), "Audrey").person
    with pytest.raises(AccessError):
        draw(answered, auditor, 3)
    assert draw(answered, join(answered, invite(answered, role="adjudicator"), "Judith").person, 3).by == "j-001"


@pytest.mark.parametrize(("n", "seed"), [(0, None), (2001, None), (3, -1), (3, 2**31)])
def test_a_draw_that_cannot_be_is_refused(answered: Project, n: int, seed: int | None) -> None:
    with pytest.raises(SettingError):
        draw(answered, None, n, seed)


def test_where_opinions_differ_nothing_is_drawn(answered: Project) -> None:
    descriptive = answered.protocol.model_copy(update={"paradigm": "descriptive"})
    object.__setattr__(answered, "protocol", descriptive)
    with pytest.raises(StateError, match="opinions differ"):
        draw(answered, None, 3)


def crowd(rng: np.random.Generator, n: int = 240) -> tuple[Answers, dict[str, str]]:
    """Items of which a third is hard, three answers each by five raters who are not equally good."""
    truth = rng.integers(2, size=n)
    hard = rng.random(n) < 0.33
    rows = []
    for item in range(n):
        for rater in rng.choice(5, size=3, replace=False):
            right = rng.random() < (0.55 if hard[item] else 0.8 + 0.03 * rater)
            rows.append((f"i{item:03d}", f"r{rater}", "ab"[truth[item] if right else 1 - truth[item]]))
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return encode(frame), {f"i{item:03d}": "ab"[truth[item]] for item in range(n)}


def covered(rng: np.random.Generator, drawn: int) -> bool:
    """Whether the interval that a sample gives holds the share of wrong labels among the items that were not drawn."""
    from middlemost.consensus import conclude as concluding

    answers, truth = crowd(rng)
    names = sorted(truth)
    sampled = [names[place] for place in chosen(range(len(names)), drawn, int(rng.integers(2**31)))]
    known = as_gold(pl.DataFrame({"item": sampled, "label": [truth[one] for one in sampled], "drawn": "random"}))
    found = concluding(answers, gold=known)
    rest = found.labels.filter(~pl.col("item").is_in(sampled))
    wrong = np.mean([truth[item] != label for item, label in rest.select("item", "label").iter_rows()])
    return bool(found.error.low <= wrong <= found.error.high)


def test_the_share_that_a_small_sample_gives_covers_the_truth() -> None:
    rng = np.random.default_rng(1)
    assert np.mean([covered(rng, 15) for _ in range(60)]) >= 0.93


@pytest.mark.long
@pytest.mark.parametrize("n", [15, 30, 60])
def test_the_share_that_a_sample_gives_covers_the_truth(n: int) -> None:
    rng = np.random.default_rng(n)
    assert np.mean([covered(rng, n) for _ in range(200)]) >= 0.93
