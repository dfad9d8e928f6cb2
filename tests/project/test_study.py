"""A study: what is found in answers, and that it is what was put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.core.answers import Answers, encode
from middlemost.errors import MiddlemostError
from middlemost.files.answers import read_answers
from middlemost.files.gold import read_gold
from middlemost.project.found import Given, draw_sample
from middlemost.project.measure import measured
from middlemost.project.overview import by_dispute, look_like_numbers
from middlemost.project.study import Study, study

Row = tuple[str, str, str]


def coded(rows: list[Row], **columns: list[float]) -> Answers:
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return encode(frame.with_columns(pl.Series(name, values) for name, values in columns.items()))


def crowd(n_items: int = 120, raters: int = 5, right: float = 0.85, seed: int = 0) -> list[Row]:
    """Honest raters, wrong independently, on three labels."""
    rng = np.random.default_rng(seed)
    guesses = rng.integers(0, 3, (n_items, raters))
    given = np.where(rng.random((n_items, raters)) < right, np.arange(n_items)[:, None] % 3, guesses)
    return [(f"i{i:04d}", f"r{r}", "abc"[given[i, r]]) for i in range(n_items) for r in range(raters)]


def kinds(found: Study) -> set[str]:
    return {oddity.kind for oddity in found.oddities}


def test_an_honest_crowd_has_no_oddities() -> None:
    assert study(coded(crowd())).oddities == ()


def test_a_copy_is_found_with_its_original_and_nobody_else() -> None:
    rows = crowd(n_items=300)
    copy = [(item, "copy", answer) for item, rater, answer in rows if rater == "r1"]
    (found,) = [oddity for oddity in study(coded(rows + copy)).oddities if oddity.kind == "copies"]
    assert found.n == 1
    assert found.examples[0].startswith("copy and r1 (")


def test_one_who_always_says_the_same_and_one_who_guesses_are_found() -> None:
    rng = np.random.default_rng(1)
    rows = crowd() + [(f"i{i:04d}", "stuck", "a") for i in range(120)]
    rows += [(f"i{i:04d}", "coin", "abc"[rng.integers(3)]) for i in range(120)]
    found = {oddity.kind: oddity for oddity in study(coded(rows)).oddities}
    assert found["constant"].examples == ("stuck",)
    assert found["guessers"].examples == ("coin",)


def test_one_who_takes_no_time_and_one_who_did_most_of_the_work_are_found() -> None:
    rows = [row for row in crowd() if row[1] in ("r0", "r1", "r2")]
    seconds = [1.0 if rater == "r0" else 9.0 for _, rater, _ in rows]
    rows += (more := [(f"x{i}", "r2", "abc"[i % 3]) for i in range(400)])
    found = {oddity.kind: oddity for oddity in study(coded(rows, seconds=[*seconds, *[9.0] * len(more)])).oddities}
    assert found["quick"].examples == ("r0",)
    assert found["dominant"].examples == ("r2",)
    assert found["single-answer items"].n == 400


def test_labels_that_differ_in_case_and_spaces_only_are_found() -> None:
    rows = [*crowd(), ("i0000", "x", "A"), ("i0001", "x", " a"), ("i0002", "y", "B")]
    (found,) = [oddity for oddity in study(coded(rows)).oddities if oddity.kind == "spellings"]
    assert found.examples == ("' a' / 'A' / 'a'", "'B' / 'b'")


def test_repeats_that_still_count_are_found() -> None:
    frame = pl.DataFrame([*crowd(), ("i0000", "r0", "b")], schema=["item", "rater", "answer"], orient="row")
    assert "doubles" in kinds(study(encode(frame, repeats="all")))
    counted_once = study(encode(frame))
    assert "doubles" not in kinds(counted_once)
    assert len(counted_once.notices) == 1


def test_the_sample_to_check_is_random_repeatable_and_does_not_depend_on_the_order_of_rows() -> None:
    rows = crowd(n_items=500)
    sample = draw_sample(coded(rows))
    assert len(sample) == sample.n_unique() == 50
    assert draw_sample(coded(rows[::-1])).to_list() == sample.to_list()
    assert draw_sample(coded(rows), seed=1).to_list() != sample.to_list()
    assert len(draw_sample(coded(crowd(n_items=7)))) == 7


def test_the_sample_reaches_every_item_equally_often() -> None:
    answers = coded(crowd(n_items=100, raters=1))
    times = pl.concat([draw_sample(answers, seed=seed) for seed in range(400)]).value_counts()["count"]
    assert len(times) == 100
    assert times.min() > 150  # type: ignore[operator]
    assert times.max() < 250  # type: ignore[operator]


def test_disputed_items_carry_their_votes_and_text() -> None:
    rows = [*crowd(right=1.0), ("odd", "r0", "a"), ("odd", "r1", "b"), ("odd", "r2", "b"), ("odd", "r3", "a")]
    (first,) = study(coded(rows), given=Given(texts={"odd": "Is it?"})).disputed
    assert (first.item, first.votes, first.text) == ("odd", {"a": 2, "b": 2}, "Is it?")


def test_the_pooled_confusion_counts_every_answer_once() -> None:
    answers = coded(crowd())
    found = study(answers)
    assert found.confusion.sum() == pytest.approx(len(answers))
    assert found.confusion.sum(axis=0) == pytest.approx(np.bincount(answers.answer))


def test_gold_that_was_chosen_is_told_apart_and_unanswered_gold_is_counted() -> None:
    gold = pl.DataFrame({"item": ["i0000", "i0001", "nobody"], "label": ["a", "c", "a"], "drawn": ["chosen"] * 3})
    check = study(coded(crowd(right=1.0)), gold).gold_check
    assert check is not None
    assert (check.n, check.n_unanswered, check.drawn, check.wrong.value) == (2, 1, "chosen", 0.5)


def test_of_mixed_gold_only_what_was_drawn_at_random_is_measured_on() -> None:
    gold = pl.DataFrame({"item": ["i0000", "i0001"], "label": ["a", "c"], "drawn": ["random", "chosen"]})
    check = study(coded(crowd(right=1.0)), gold).gold_check
    assert check is not None
    assert (check.n, check.drawn, check.wrong.value) == (1, "random", 0.0)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("one class", [(f"i{i}", f"r{j}", "x") for i in range(40) for j in range(2)]),
        ("one rater", [(f"i{i}", "r", "ab"[i % 2]) for i in range(40)]),
        ("one item", [("i", f"r{j}", "ab"[j % 2]) for j in range(40)]),
        ("one answer", [("i", "r", "a")]),
        ("one answer an item", [(f"i{i}", f"r{i % 3}", "abc"[i % 3]) for i in range(40)]),
        ("everybody disagrees", [(f"i{i}", f"r{j}", "abc"[j]) for i in range(40) for j in range(3)]),
    ],
)
def test_a_degenerate_set_gets_a_study_without_a_nan(name: str, rows: list[Row]) -> None:
    for gold in (None, {rows[0][0]: rows[0][2]}, {"elsewhere": "z"}):
        found = study(coded(rows), gold)
        assert found.verdict.headline
        for frame in (found.raters, found.distribution, found.redundancy, found.consensus.labels):
            assert not any(column.is_nan().any() for column in frame if column.dtype.is_float()), name


@pytest.mark.parametrize("name", ["rte", "bluebird", "music", "adult", "weather_cf", "face"])
def test_the_share_wrong_on_the_gold_of_a_real_set_is_that_of_its_labels(shared: Path, name: str) -> None:
    folder = shared / "data" / name
    source = next(folder.glob("answers.csv*"))
    gold = read_gold(folder / "truth.csv")
    found = study(read_answers(source), gold)
    truth = pl.DataFrame({"item": gold.items, "truth": gold.labels})
    joined = found.consensus.labels.join(truth, on="item")
    assert found.gold_check is not None
    assert found.gold_check.n == joined.height
    # Gold helped to find these labels; it is judged by fits that have not seen it, which miss a little more.
    assert found.gold_check.wrong.value == pytest.approx((joined["label"] != joined["truth"]).mean(), abs=0.03)
    assert found.gold_check.wrong == found.consensus.error


def test_gold_that_is_none_is_an_error_of_ours_not_a_stack_trace() -> None:
    with pytest.raises(MiddlemostError):
        study(coded(crowd()), pl.DataFrame({"item": ["a"]}))


def repeated(rounds: bool) -> Answers:
    """A crowd of whom one answers everything twice, the second time always with a; the second answers come first."""
    first = crowd()
    again = [(item, rater, "a") for item, rater, _ in first if rater == "r0"]
    frame = pl.DataFrame(
        [*again, *first] if rounds else [*first, *again], schema=["item", "rater", "answer"], orient="row"
    )
    turn = pl.Series("round", [2] * len(again) + [1] * len(first))
    return encode(frame.with_columns(turn) if rounds else frame, repeats="all")


@pytest.mark.parametrize("rounds", [True, False])
def test_agreement_is_between_raters_so_it_is_measured_on_their_first_answers(rounds: bool) -> None:
    found = study(repeated(rounds))
    assert found.agreements == study(coded(crowd())).agreements
    assert len(found.consensus.labels) == 120
    (notice,) = found.notices
    assert notice.startswith("120 answers repeat a rater's own on the same item: agreement is measured on the first")


@pytest.mark.parametrize("rounds", [True, False])
def test_the_desk_and_the_report_say_the_same_of_agreement(rounds: bool) -> None:
    answers = repeated(rounds)
    assert measured(answers) == study(answers).agreements


def test_answers_of_one_person_alone_are_nobodys_check_however_often_repeated() -> None:
    rows = [(f"i{i}", "r", "ab"[i % 2]) for i in range(40)] * 2
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    found = study(encode(frame, repeats="all"))
    assert found.verdict.headline == "Nobody can tell. Nearly every item rests on one answer."


def test_few_and_well_known_coefficients_are_shown() -> None:
    names = [found.name for found in study(coded(crowd())).agreements]
    assert names == ["alpha", "fleiss-kappa", "gwet-ac", "percent-agreement"]


@pytest.mark.parametrize("words", [{"a": "yes", "b": "no", "c": "maybe"}, {"a": "A", "b": "B", "c": "C"}])
def test_gold_in_another_vocabulary_gives_no_verdict_and_no_calibration(words: dict[str, str]) -> None:
    gold = {f"i{i:04d}": words["abc"[i % 3]] for i in range(120)}
    found = study(coded(crowd()), gold)
    plain = study(coded(crowd()))
    assert (found.verdict.answer, found.gold_check, found.consensus.calibrated) == ("unknown", None, False)
    assert found.verdict.headline == plain.verdict.headline
    first = found.verdict.reasons[0].words
    assert all(f"“{word}”" in first for word in (*words, *words.values()))
    assert first.endswith("Of 120 gold items, none can be compared.")


def test_gold_that_has_a_label_which_some_items_alone_need_is_still_gold() -> None:
    gold = {f"i{i:04d}": "abc"[i % 3] if i % 3 else "none of these" for i in range(120)}
    check = study(coded(crowd(right=1.0)), gold).gold_check
    assert check is not None
    assert check.wrong.value == pytest.approx(1 / 3, abs=0.05)


def test_numbers_are_not_judged_as_labels() -> None:
    rng = np.random.default_rng(0)
    rows = [(f"i{i}", f"r{r}", f"{i % 50 + rng.normal():.1f}") for i in range(120) for r in range(4)]
    verdict = study(coded(rows), {f"i{i}": f"{i % 50}.0" for i in range(120)}).verdict
    assert (verdict.answer, verdict.headline) == ("unknown", "Not judged. These look like numbers, not labels.")
    assert verdict.reasons[0].words.startswith("These look like numbers, not labels: ")
    assert not [reason for reason in verdict.reasons if "gold" in reason.words or "often taken for" in reason.words]


@pytest.mark.parametrize(
    ("name", "span"),
    [("wordsim353", "33 different ones from 0.0 to 10.0"), ("emotion_numeric", "94 different ones from -100")],
)
def test_the_numbers_of_real_sets_are_seen_to_be_numbers(shared: Path, name: str, span: str) -> None:
    answers = read_answers(shared / "data" / name / "answers.csv")
    for gold in (None, read_gold(shared / "data" / name / "truth.csv")):
        assert span in study(answers, gold).verdict.reasons[0].words


def test_a_dozen_numbers_may_be_the_codes_of_labels_and_more_are_where_gold_shows_it() -> None:
    few = [(f"i{i}", f"r{r}", str(i % 12)) for i in range(240) for r in range(3)]
    assert look_like_numbers(coded(few)) is None
    codes = [(f"i{i}", f"r{r}", str(i % 20)) for i in range(240) for r in range(3)]
    verdict = study(coded(codes), {f"i{i}": str(i % 20) for i in range(240)}).verdict
    assert verdict.answer == "yes"
    assert verdict.reasons[0].words == "These look like numbers, not labels: 20 different ones from 0 to 19."


def test_the_most_disputed_come_least_sure_first_then_most_divided_then_by_name() -> None:
    rows = [*crowd(right=1.0)]
    rows += [("z", f"r{r}", "aabb"[r]) for r in range(4)] + [("y", f"r{r}", "aabb"[r]) for r in range(4)]
    rows += [("x", f"r{r}", "aaab"[r]) for r in range(4)]
    answers = coded(rows)
    assert answers.items.gather(by_dispute(answers, None)).to_list() == ["y", "z", "x"]
    assert [found.item for found in study(answers).disputed] == ["y", "z", "x"]
