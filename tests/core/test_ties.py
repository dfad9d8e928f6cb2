"""Ties: by a hash of who said it, never by order or name."""

from __future__ import annotations

import numpy as np
import polars as pl

from middlemost.core.answers import Answers, encode
from middlemost.core.ties import hash_names, pick

ITEMS = [f"i{n:03d}" for n in range(200)]


def two_against_two(names: str = "pq") -> Answers:
    """200 items, on each two raters for one class and two for the other."""
    rows = [(item, rater, names[rater in "cd"]) for item in ITEMS for rater in "abcd"]
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))


def chosen(answers: Answers, seed: int = 0) -> list[str]:
    shares = answers.counts() / answers.per_item()[:, None]
    return answers.classes.gather(pick(shares, answers, seed=seed)).to_list()


def test_a_tie_does_not_follow_the_names_of_classes() -> None:
    renamed = {"p": "q", "q": "p"}
    assert chosen(two_against_two("qp")) == [renamed[label] for label in chosen(two_against_two("pq"))]


def test_a_tie_does_not_follow_the_order_of_rows() -> None:
    answers = two_against_two()
    shuffled = answers.take(np.random.default_rng(1).permutation(len(answers)))
    assert chosen(shuffled) == chosen(answers)


def test_ties_go_either_way_and_with_the_seed() -> None:
    first, second = chosen(two_against_two(), seed=0), chosen(two_against_two(), seed=1)
    assert 60 < first.count("p") < 140
    assert first != second


def test_a_tie_does_not_change_when_other_items_come() -> None:
    answers = two_against_two()
    part = encode(answers.frame().filter(pl.col("item") > "i100"))
    assert chosen(part) == chosen(answers)[101:]


def test_a_rater_tied_with_himself_gives_the_commoner_answer() -> None:
    frame = pl.DataFrame({"item": list("aabc"), "rater": list("xxyy"), "answer": list("1222")})
    assert chosen(encode(frame, repeats="all")) == ["2", "2", "2"]


def test_a_tie_of_classes_that_nobody_gave_goes_to_the_commoner() -> None:
    answers = encode(pl.DataFrame({"item": list("abc"), "rater": list("xyy"), "answer": list("133")}))
    assert pick(np.array([[0.5, 0.5], [0, 1], [0, 1]]), answers.take(answers.item > 0)).tolist() == [1, 1, 1]


def test_equally_common_classes_that_nobody_gave_do_not_follow_their_names() -> None:
    for names in ("135", "531"):
        one, own, other = names
        frame = pl.DataFrame({"item": list("abcde"), "rater": list("xxxxx"), "answer": [one, own, other, other, one]})
        answers = encode(frame)
        order = [answers.classes.to_list().index(name) for name in (one, own, other)]
        scores = np.zeros((5, 3))
        scores[:, order[0]] = scores[:, order[2]] = 0.4
        label = answers.classes[int(pick(scores, answers)[1])]
        assert names.index(label) == FIRST


def test_hashes_of_names_are_the_same_everywhere() -> None:
    names = pl.Series(["", "a", "b", "ab", "ba", "é", "a much longer name"])
    assert len(set(hash_names(names).tolist())) == 7
    assert hash_names(names)[1:3].tolist() == hash_names(names[1:3]).tolist()
    assert hash_names(pl.Series(["a"])).tolist() == [PINNED]


FIRST = 0
PINNED = 15874169703858053892


def test_a_tie_among_many_answers_does_not_follow_their_order() -> None:
    """They are gone through in blocks: there are 40,000."""
    rng = np.random.default_rng(0)
    items = pl.Series([f"i{n:05d}" for n in range(8_000)])
    codes = np.repeat(np.arange(8_000), 5), np.tile(np.arange(5), 8_000), rng.integers(3, size=40_000)
    answers = Answers(items, pl.Series(list("abcde")), pl.Series(list("pqr")), *(c.astype(np.int32) for c in codes))
    labels = chosen(answers)
    assert chosen(answers.take(rng.permutation(40_000))) == labels
    alone = (0, 1, 5_000, 6_553, 6_554, 7_999)
    assert [chosen(encode(answers.take(answers.item == number).frame())) for number in alone] == [
        [labels[number]] for number in alone
    ]
