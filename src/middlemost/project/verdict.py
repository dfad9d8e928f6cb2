"""May one train on this, and what is in the way? The rules, with their thresholds in plain sight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from middlemost.core.estimate import Estimate, decimal
from middlemost.core.results import Agreement
from middlemost.core.words import plural
from middlemost.errors import shorten
from middlemost.inference.proportion import clopper_pearson
from middlemost.project.coefficients import figure, why
from middlemost.project.oddities import Oddity
from middlemost.project.overview import Confused, GoldCheck, Numbers, Strange

FIT_TO_TRAIN = 0.10  # upper end of the share of wrong labels
FIT_TO_TEST = 0.02
UNFIT = 0.20  # lower end
TOO_WIDE = 0.20  # width of the interval
FEW_ITEMS = 30
MOST_GOLD = 200  # gold items, which narrow the interval of any share
SAMPLE = 50  # items for an expert to check
AGREE_WELL, AGREE_FAIRLY = 0.80, 0.667  # Krippendorff 2004: rely on; draw tentative conclusions
HARDLY = 0.20  # below this alpha raters agree hardly more than chance would make them
CONFUSED = 0.25
MANY_SINGLE = 0.20
GUESSED = 0.25  # of all answers

_LOOK = "Look at their answers; leave them out if they are careless."
MENDS = {
    "guessers": _LOOK,
    "constant": _LOOK,
    "quick": _LOOK,
    "copies": "Find out whether they are one person; count each pair once.",
    "dominant": "Have a second person answer a random part of these items.",
    "doubles": 'Keep the last answer only (repeats="last"), or mark deliberate repeats in a column round.',
}

OF_NUMBERS = ("doubles", "single-answer items", "copies", "quick", "dominant")  # oddities that numbers may have, too

RULES = (
    "Yes: at most 10 % of the labels are wrong, measured on gold drawn at random (upper end of the 95 % interval).",
    "Clean enough to test on, too: at most 2 %.",
    "No: it is at least 20 % (lower end), or giving the commonest label to everything would do better.",
    "With care: in between. Not known: the interval is wider than 20 points.",
    "Without gold drawn at random nothing is proven, whatever the agreement.",
    "Not judged: over 12 different numbers, unless gold says yes; gold of which less than half has a label in use.",
    "Agreement: α of .80 or more is good, below .667 raters often disagree (Krippendorff 2004), below .20 hardly do.",
)

SET_RULES = (
    "A label is a whole set here: it is wrong if one of its members is missing or one is too many.",
    *RULES[:-2],
    RULES[-1].replace("α", "α by MASI"),
)

Answer = Literal["yes", "with care", "no", "unknown"]


@dataclass(frozen=True)
class Reason:
    """One thing in the way: `words`, how to `mend` it, and whether it is `grave` enough to stop for."""

    words: str
    mend: str
    grave: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer in one headline, what it rests on, and what is in the way, the gravest first."""

    answer: Answer
    headline: str
    basis: str
    reasons: tuple[Reason, ...]
    rules: tuple[str, ...] = RULES


@dataclass(frozen=True)
class Facts:
    """What the rules look at."""

    n_items: int
    n_answers: int
    n_labels: int
    single_share: float
    alpha: Agreement
    gold: GoldCheck | None
    gold_given: bool
    oddities: tuple[Oddity, ...]
    confused: tuple[Confused, ...]
    strange: Strange | None = None
    numbers: Numbers | None = None
    nouns: str = "labels"  # what is concluded: labels, or sets of them


def judge(facts: Facts, rules: tuple[str, ...] = RULES) -> Verdict:
    """The verdict on `facts`, with the `rules` as they are shown."""
    answer, headline, basis = _hopeless(facts) or _by_kind(facts) or _by_gold(facts) or _by_agreement(facts)
    if facts.numbers and not _serve_as_labels(facts):
        facts = _as_numbers(facts)
    reasons = [*_about_kind(facts), *_about_gold(facts), *_about_labels(facts), *about_raters(facts.oddities)]
    reasons.sort(key=lambda reason: not reason.grave)
    return Verdict(answer, headline, basis, tuple(reasons), rules)


Line = tuple[Answer, str, str]


def _hopeless(facts: Facts) -> Line | None:
    if facts.n_labels < 2:
        return (
            "no",
            "No. Every answer is the same.",
            "With one label there is nothing to learn, and no agreement to measure.",
        )
    if facts.n_items < FEW_ITEMS:
        basis = (
            f"{plural(facts.n_items, 'item says', 'items say')} little about the next one; the figures below are wide."
        )
        return "unknown", f"Too little to say: {plural(facts.n_items, 'item')}.", basis
    return None


def _by_kind(facts: Facts) -> Line | None:
    """Numbers are not judged as labels, unless gold shows that they serve as labels."""
    if facts.numbers is None or _serve_as_labels(facts):
        return None
    basis = "Counted as labels, two numbers side by side are as different as any two; what follows has to be read so."
    return "unknown", "Not judged. These look like numbers, not labels.", basis


def _serve_as_labels(facts: Facts) -> bool:
    by_gold = _by_gold(facts)
    return by_gold is not None and by_gold[0] in ("yes", "with care")


def _as_numbers(facts: Facts) -> Facts:
    """Without what makes sense of labels only."""
    oddities = tuple(oddity for oddity in facts.oddities if oddity.kind in OF_NUMBERS)
    return replace(facts, gold=None, strange=None, confused=(), oddities=oddities)


def _by_gold(facts: Facts) -> Line | None:
    gold = facts.gold
    if gold is None or gold.drawn == "chosen":
        return None
    wrong = gold.wrong
    low, high = wrong.low or 0.0, wrong.high or 1.0
    measured = f"measured on {plural(gold.n, 'gold item')}{_undeclared(gold)}"
    best = f"95 % sure, {measured}; best estimate {_percent(wrong.value)}"
    if high - low > TOO_WIDE:
        enough = f"some {_enough(wrong, gold.n)} gold items would narrow it to {100 * TOO_WIDE:.0f} points"
        basis = f"{best}. That is too few to tell: {enough}."
        headline = f"Not known yet. Between {_percent(low)} and {_percent(high)} of the {facts.nouns} are wrong."
        return "unknown", headline, basis
    if wrong.value > 1 - gold.commonest:
        constant = f"with one label for everything it would be {_percent(1 - gold.commonest)}"
        basis = f"{_percent(wrong.value)} of the {facts.nouns} are wrong, {measured}; {constant}."
        return "no", f"No. Answering “{shorten(gold.commonest_label, 40)}” to everything would do better.", basis
    if low >= UNFIT:
        return "no", f"No. At least {_percent(low)} of the {facts.nouns} are wrong.", f"{best}."
    if high > FIT_TO_TRAIN:
        basis = f"95 % sure that it is {_range(wrong)}, {measured}. Fine for a first model, not for a final one."
        return "with care", f"With care. About {_percent(wrong.value)} of the {facts.nouns} are wrong.", basis
    tests = "Clean enough to test with, too." if high <= FIT_TO_TEST else "To test a model on, they want to be cleaner."
    return "yes", f"Yes. At most {_percent(high)} of the {facts.nouns} are wrong.", f"{best}. {tests}"


def _by_agreement(facts: Facts) -> Line:
    alpha = facts.alpha
    if facts.single_share > 0.9:
        headline = "Nobody can tell. Nearly every item rests on one answer."
        return (
            "unknown",
            headline,
            "Where no second rater has answered, agreement cannot be seen, and no gold says what is right.",
        )
    declared = alpha.low is None and alpha.value == 0
    shown = f"α cannot be measured: {why(alpha.estimate)}" if declared else f"α is {figure(alpha.estimate)}"
    unchecked = f"no gold drawn at random says how many {facts.nouns} are wrong"
    if facts.strange:
        unchecked = f"the gold is in other words, so nothing says how many {facts.nouns} are wrong"
    if (alpha.low is not None and alpha.low >= AGREE_WELL) or alpha.value >= 1:
        return "unknown", "Perhaps. Raters agree well, but nobody has checked them.", f"{shown}; {unchecked}."
    if alpha.value >= AGREE_FAIRLY:
        return "unknown", "Not before a check. Raters agree fairly well, but unproven.", f"{shown}; {unchecked}."
    basis = f"{shown}; several answers an item can make up for that, but {unchecked}."
    how = "often disagree" if alpha.value >= HARDLY else "hardly agree"
    return "unknown", f"Not before a check. Raters {how}.", basis


def _about_kind(facts: Facts) -> list[Reason]:
    found = facts.numbers
    if found is None:
        return []
    span = f"{found.n:,} different ones from {shorten(found.low, 20)} to {shorten(found.high, 20)}"
    words = f"These look like numbers, not labels: {span}."
    mend = "Numbers: mend the answers that are none, then --kind numbers. Codes of labels: --kind choice."
    return [Reason(words, mend, grave=True)]


def _about_strange(found: Strange) -> Reason:
    known = "none" if not found.known else f"only {found.known:,}"
    vocabularies = f"the gold says {_quoted(found.gold)}, the raters say {_quoted(found.answers)}"
    items = plural(found.n, "gold item")
    words = f"The gold is in other words than the answers: {vocabularies}. Of {items}, {known} can be compared."
    mend = "Write the gold as the answers are written and run this again; until then it is left out."
    return Reason(words, mend, grave=True)


def _about_gold(facts: Facts) -> list[Reason]:
    gold = facts.gold
    if facts.strange:
        return [_about_strange(facts.strange)]
    if gold is None:
        what = f"how many {facts.nouns} are wrong"
        return [] if facts.numbers else [without_gold(facts.n_items, given=facts.gold_given, what=what)]
    if gold.drawn == "chosen":
        share = f"{_percent(gold.wrong.value)} of it is labelled wrong ({_range(gold.wrong)})"
        return [chosen_gold(facts.n_items, share)]
    return [*_about_missed(gold), *_about_doubtful(gold)]


def without_gold(n_items: int, *, given: bool, what: str) -> Reason:
    """Nothing is measured: there is no gold, or none of it has answers."""
    if given:
        return Reason("No gold item has an answer, so gold says nothing here.", "Do the item ids match?", grave=True)
    return Reason(f"Nobody has measured {what}.", _ask(n_items), grave=True)


def chosen_gold(n_items: int, share: str) -> Reason:
    """Gold that says nothing of other items; `share` is what it says of itself."""
    words = f"The gold was chosen, not drawn at random: {share}, which says nothing of the rest."
    return Reason(words, _ask(n_items), grave=True)


def _ask(n_items: int) -> str:
    many = plural(min(n_items, SAMPLE), "item")
    return f"Let an expert answer check-these.csv ({many} drawn at random) and give it back with --gold."


def _about_missed(gold: GoldCheck) -> list[Reason]:
    missed = gold.by_label.filter(gold.by_label["high"] < 0.5)
    return [
        Reason(
            f"Label “{shorten(label, 40)}” is mostly missed: {right} of {n} gold items that have it were found.",
            "Say in the guidelines what it takes, with examples; ask for more answers where it is likely.",
            grave=True,
        )
        for label, n, right in missed.select("label", "n", "right").head(3).iter_rows()
    ]


def _about_doubtful(gold: GoldCheck) -> list[Reason]:
    if not gold.sure or (gold.sure.high or 1) >= gold.wrong.value or (gold.wrong.high or 1) <= FIT_TO_TRAIN:
        return []
    sure = f"of the {gold.n_sure:,} labels with confidence .90 or more, {_percent(gold.sure.value)} are wrong"
    words = f"The doubtful labels are the worse ones: {sure} ({_range(gold.sure)})."
    return [Reason(words, "Train on those first; send the others to an expert or ask more raters.")]


def _about_labels(facts: Facts) -> list[Reason]:
    found = {oddity.kind: oddity for oddity in facts.oddities}
    reasons = about_single(facts.oddities)
    if spellings := found.get("spellings"):
        mend = f"Merge {_listed(spellings)} and run this again."
        reasons.append(Reason(spellings.words, mend, spellings.share > 0.05))
    for pair in facts.confused[:2]:
        if pair.share >= CONFUSED:
            share = f"{_percent(pair.share)} of the answers to such items"
            words = f"“{shorten(pair.label, 40)}” is often taken for “{shorten(pair.answered, 40)}”: {share}."
            reasons.append(Reason(words, "Draw the line between the two in the guidelines."))
    if rare := found.get("rare"):
        reasons.append(Reason(rare.words, f"Collect more items like these, or merge: {_listed(rare)}."))
    return reasons


def about_raters(oddities: Sequence[Oddity]) -> list[Reason]:
    """What is odd about raters, and what to do about it."""
    reasons = []
    for oddity in oddities:
        if oddity.kind in MENDS:
            part = (
                "" if oddity.kind in ("dominant", "doubles") else f" They gave {_percent(oddity.share)} of the answers."
            )
            grave = oddity.share > GUESSED and oddity.kind in ("guessers", "constant", "copies")
            reasons.append(Reason(oddity.words + part, MENDS[oddity.kind], grave))
    return reasons


def about_single(oddities: Sequence[Oddity]) -> list[Reason]:
    """Items that rest on one answer, where they are many."""
    single = next((oddity for oddity in oddities if oddity.kind == "single-answer items"), None)
    if single is None or single.share < MANY_SINGLE:
        return []
    words = f"{_percent(single.share)} of the items rest on a single answer."
    return [Reason(words, f"Get a second answer to {plural(single.n, 'item')}.", single.share > 0.5)]


def _listed(oddity: Oddity) -> str:
    names = ", ".join(shorten(name, 40) for name in oddity.examples)
    return f"{names}, …" if oddity.n > len(oddity.examples) else names


def _quoted(labels: Sequence[str]) -> str:
    return ", ".join(f"“{shorten(label, 20)}”" for label in labels)


def _enough(wrong: Estimate, n: int) -> int:
    """How many gold items, in tens, narrow the interval to what can be told, at the share seen so far."""
    width = (wrong.high or 1.0) - (wrong.low or 0.0)
    fits = (size for size in range(10, MOST_GOLD, 10) if _width(wrong.value, size) <= TOO_WIDE)
    by_share = next(fits, MOST_GOLD)
    # An interval that is wider than the exact one for so many narrows as the root of their number.
    return by_share if by_share > n else 10 * math.ceil(n * (width / TOO_WIDE) ** 2 / 10)


def _width(share: float, n: int) -> float:
    low, high = clopper_pearson(share * n, n)
    return high - low


def _undeclared(gold: GoldCheck) -> str:
    return " drawn at random" if gold.drawn == "random" else " (taken as drawn at random)"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def _range(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{decimal(estimate.value)}, no interval"
    return f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f} %"
