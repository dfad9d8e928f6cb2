"""May one train on numbers that raters gave? The rules, with their thresholds in plain sight."""

from __future__ import annotations

from dataclasses import dataclass

from middlemost.consensus.numeric import Distance
from middlemost.core.estimate import Estimate, placed, places_of
from middlemost.core.results import Agreement
from middlemost.core.words import plural
from middlemost.project.coefficients import figure, why
from middlemost.project.oddities import Oddity
from middlemost.project.verdict import (
    FEW_ITEMS,
    Line,
    Reason,
    Verdict,
    about_raters,
    about_single,
    chosen_gold,
    without_gold,
)

HALF = 0.5  # of gold's own spread: the error that leaves three quarters of its variance explained
STEADY = 0.8  # of the estimates' variance that other raters would reproduce
HELD = 0.9  # of gold numbers that 95 % intervals should hold at least

NUMBER_RULES = (
    "Error: the root mean square distance from gold drawn at random, beside the spread (standard deviation) of gold.",
    "Yes: the error is at most half the spread (upper end of the 95 % interval), so three quarters are explained.",
    "No: it is at least the whole spread, so that one number for everything would do as well.",
    "With care: in between. Not known: the interval reaches beyond the spread.",
    "Without gold drawn at random nothing is proven, however steady the numbers are.",
    "Steady: other such raters would reproduce .80 or more of the variance of the numbers.",
)


@dataclass(frozen=True)
class NumberGold:
    """The estimates against gold.

    Their `distance`, gold's own `spread` (standard deviation), how far they lie `above` it in the mean, and the share
    of gold numbers that the estimates' intervals `held`.
    """

    n: int
    n_unanswered: int
    drawn: str | None
    distance: Distance
    spread: float
    above: Estimate
    held: Estimate | None

    @property
    def places(self) -> int:
        """How many decimal places are worth showing."""
        return places_of(self.spread)


@dataclass(frozen=True)
class NumberFacts:
    """What the rules look at."""

    n_items: int
    n_numbers: int
    single_share: float
    alpha: Agreement
    steady: float | None
    gold: NumberGold | None
    gold_given: bool
    oddities: tuple[Oddity, ...]


def judge_numbers(facts: NumberFacts) -> Verdict:
    """The verdict on `facts`."""
    answer, headline, basis = _hopeless(facts) or _by_gold(facts.gold) or _by_steadiness(facts)
    odd = facts.oddities
    reasons = [*_about_gold(facts), *about_single(odd), *_about_answers(odd), *about_raters(odd)]
    reasons.sort(key=lambda reason: not reason.grave)
    return Verdict(answer, headline, basis, tuple(reasons), NUMBER_RULES)


def _hopeless(facts: NumberFacts) -> Line | None:
    if facts.n_numbers < 2:
        return "no", "No. Every answer is the same number.", "There is nothing to learn, and no agreement to measure."
    if facts.n_items < FEW_ITEMS:
        basis = f"{plural(facts.n_items, 'item says', 'items say')} little about the next one."
        return "unknown", f"Too little to say: {plural(facts.n_items, 'item')}.", basis
    return None


def _by_gold(gold: NumberGold | None) -> Line | None:
    if gold is None or gold.drawn == "chosen":
        return None
    miss, error = gold.distance.mean_absolute, gold.distance.root_mean_square
    if error.low is None or error.high is None or gold.spread == 0:
        return "unknown", "Not known yet. There is too little gold.", f"{plural(gold.n, 'gold item')} cannot tell."
    how = "drawn at random" if gold.drawn == "random" else "taken as drawn at random"
    said = f"measured on {plural(gold.n, 'gold item')} ({how})"
    share, low, high = (_share(end / gold.spread) for end in (error.value, error.low, error.high))
    part = f"{share} ({low} to {high})"
    basis = f"{ranged(miss, gold.places)}, {said}. The error (root mean square) is {part} of the spread of gold itself."
    if error.value >= gold.spread:
        return "no", "No. One number for everything would do as well.", f"The mean distance from gold is {basis}"
    missing = f"The numbers miss by {placed(miss.value, gold.places)} in the mean."
    if error.high > gold.spread:
        return "unknown", f"Not known yet. {missing}", f"95 % sure: {basis} More gold would narrow it."
    if error.high > HALF * gold.spread:
        return "with care", f"With care. {missing}", f"95 % sure: {basis}"
    return "yes", f"Yes. {missing}", f"95 % sure: {basis}"


def _by_steadiness(facts: NumberFacts) -> Line:
    if facts.single_share > HELD:
        basis = "Where no second rater has answered, nothing says how far a number can be trusted."
        return "unknown", "Nobody can tell. Nearly every item rests on one answer.", basis
    unchecked = "no gold drawn at random says how far they are from the truth"
    alpha = facts.alpha
    declared = alpha.low is None and alpha.value == 0
    shown = f"α of single answers is {figure(alpha.estimate)}"
    if declared:
        shown = f"α cannot be measured: {why(alpha.estimate)}"
    if facts.steady is None:
        return "unknown", "Not before a check. Little can be said of these numbers.", f"{shown}; {unchecked}."
    again = f"Other such raters would reproduce {_share(facts.steady)} of the variance of the estimates"
    if facts.steady >= STEADY:
        headline = "Perhaps. The numbers are steady, but nobody has checked them."
    else:
        headline = "Not before a check. Other raters would give other numbers."
    return "unknown", headline, f"{again}; {shown}; {unchecked}."


def _about_gold(facts: NumberFacts) -> list[Reason]:
    gold = facts.gold
    if gold is None:
        return [without_gold(facts.n_items, given=facts.gold_given, what="how far the numbers are from the truth")]
    if gold.drawn == "chosen":
        return [
            chosen_gold(
                facts.n_items, f"the numbers miss it by {ranged(gold.distance.mean_absolute, gold.places)} in the mean"
            )
        ]
    return [*_about_level(gold), *_about_intervals(gold)]


def _about_level(gold: NumberGold) -> list[Reason]:
    """All too high or too low: what no rater's answers can show."""
    above = gold.above
    if above.low is None or above.high is None or above.low <= 0 <= above.high or abs(above.value) < 0.1 * gold.spread:
        return []
    side, ends = ("high", above) if above.value > 0 else ("low", Estimate(-above.value, -above.high, -above.low))
    words = f"The numbers are too {side} by {ranged(ends, gold.places)} in the mean."
    return [Reason(words, "Show raters examples with their right numbers; or correct the numbers by as much.")]


def _about_intervals(gold: NumberGold) -> list[Reason]:
    if gold.held is None or gold.held.high is None or gold.held.high >= HELD:
        return []
    words = f"The intervals of the estimates are too narrow: they hold {_share(gold.held.value)} of gold, not 95 %."
    return [Reason(words, "Raters err together, which no interval sees. Do not read them as distance from the truth.")]


def _about_answers(oddities: tuple[Oddity, ...]) -> list[Reason]:
    far = [oddity for oddity in oddities if oddity.kind == "far"]
    return [Reason(oddity.words, "Look at them; mend slips of the hand, such as a missing point.") for oddity in far]


def ranged(estimate: Estimate, places: int) -> str:
    """A number with its interval, as people write them."""
    if estimate.low is None or estimate.high is None:
        return f"{placed(estimate.value, places)} (no interval)"
    low, high = placed(estimate.low, places), placed(estimate.high, places)
    return f"{placed(estimate.value, places)} ({low} to {high})"


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"
