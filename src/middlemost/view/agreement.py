"""The section on agreement, for every kind of answers: a value with its meaning, and what lies behind it, folded."""

from __future__ import annotations

from typing import Any

import polars as pl

from middlemost.agreement.names import TITLES
from middlemost.core.estimate import decimal
from middlemost.core.results import Agreement, IntraRater
from middlemost.errors import shorten
from middlemost.project.breakdown import PICTURED, SHARED, Breakdown, Uneven
from middlemost.project.found import Found
from middlemost.project.number_study import NumberStudy
from middlemost.project.set_study import SetStudy
from middlemost.view import words
from middlemost.view.charts import pair_chart
from middlemost.view.pages import count, left_out, percent

MOST_RATERS = 12  # of those without whom agreement changes most
MOST_PAIRS = 6  # at either end
_SAYS_OF_SETS = ["the same, by the share of labels in common", "how often two raters of an item give the same set"]
SURELY = 3.5  # standard errors of a pair's kappa, about one over the root of the items shared
MATTERS = 0.02  # of a coefficient: less is not worth a sentence

Row = list[str]

_TITLES = {
    NumberStudy: {
        "alpha": "Krippendorff’s α for numbers",
        "icc": "Intraclass correlation, ICC(2,1)",
        "concordance": "Concordance correlation",
        "mean-spearman": "Mean rank correlation",
    },
    SetStudy: {"alpha": "Krippendorff’s α for sets", "percent-agreement": "The very same set"},
}


def titles(found: Found) -> list[str]:
    """What the coefficients that are shown are called."""
    own = {**TITLES, **_TITLES.get(type(found), {})}
    names = [own.get(agreement.name, agreement.name) for agreement in found.agreements]
    if names.count(names[0]) > 1:  # alpha for sets, by either distance
        names[:2] = [f"{name} ({distance})" for name, distance in zip(names, ("MASI", "Jaccard"), strict=False)]
    return names


def shown(found: Found) -> dict[str, Any]:
    """What the template asks for."""
    behind = found.agreeing.breakdown
    first = found.agreements[0]
    choices = behind.labels is not None or behind.pairs is not None or not isinstance(found, (NumberStudy, SetStudy))
    meant = behind.meaning.sentence.split(" Krippendorff takes")[0]  # the lead says what to make of it
    says = [meant, *(words.agreement_says(one) for one in found.agreements[1:])]
    if isinstance(found, SetStudy):
        says[1:] = _SAYS_OF_SETS[-len(says) + 1 :]
    nouns = {NumberStudy: "numbers", SetStudy: "sets"}.get(type(found), "labels")
    return {
        "lead": words.agreement_words(found.agreeing.deciding, nouns),
        "rows": list(zip(titles(found), says, found.agreements, strict=True)),
        "cautions": cautions(behind, first),
        "behind": behind_words(behind, first),
        "labels": _label_rows(behind.labels),
        "labels_words": "Fleiss’ κ of the label against all others, least agreed first",
        **_raters(behind, choices=choices),
        **_pairs(behind.pairs),
        "groups": _groups(behind, first),
        "again": _again(found.agreeing.intra, numbers=isinstance(found, NumberStudy)),
    }


def cautions(behind: Breakdown, first: Agreement) -> list[str]:
    """What to know before relying on the value."""
    said = list(behind.meaning.cautions)
    if behind.uneven:
        said.append(_uneven(behind.uneven, first))
    other = behind.over_raters
    if other and other.low is not None and other.high is not None:
        ends = f"{decimal(other.low, 2)} to {decimal(other.high, 2)}"
        said.append(f"With other raters instead of other items α could be {ends}: it depends on who answers.")
    return said


def _uneven(found: Uneven, first: Agreement) -> str:
    times = f"Items have {found.least} to {found.most} answers"
    alone = f"on the first {found.least} of each α is {found.on_first.estimate}" if found.on_first else ""
    if not found.adaptive:
        return f"{times}, disputed ones no more than others, so all were used" + (f"; {alone}." if alone else ".")
    biased = (
        f"{times}, and disputed ones not as many as others, so α over all answers ({decimal(first.value)}) is biased"
    )
    if alone:
        return f"{biased}: {alone}, on which the verdict rests."
    return f"{biased}. With a column time it can be measured on the first answers to each."


def behind_words(behind: Breakdown, first: Agreement) -> str:
    """One sentence each on the label, the rater and the pair that agree least, where these stand out."""
    said = []
    if behind.labels is not None and behind.labels.height:
        worst = behind.labels.row(0, named=True)
        if worst["high"] is not None and worst["high"] < first.value:
            said.append(f"Raters agree least on “{shorten(worst['label'], 40)}” (κ {decimal(worst['value'], 2)}).")
    if behind.raters is not None and behind.raters.height:
        worst = behind.raters.row(0, named=True)
        if (worst["change"] or 0) >= MATTERS:
            without = f"α would be {decimal(worst['without'])} instead of {decimal(first.value)}"
            said.append(f"Without {shorten(worst['rater'], 40)} {without}.")
    if behind.pairs is not None and behind.pairs.height:
        at_most = pl.col("kappa") + SURELY / pl.col("n_shared").sqrt()  # many pairs, so some are low by chance
        worst = behind.pairs.with_columns(at_most=at_most).sort("at_most", "first", "second").row(0, named=True)
        names = f"{shorten(worst['first'], 40)} and {shorten(worst['second'], 40)}"
        if worst["at_most"] < first.value:
            said.append(f"Of all pairs {names} surely agree least (κ {decimal(worst['kappa'], 2)}).")
    return " ".join(said)


def _label_rows(frame: pl.DataFrame | None) -> list[Row]:
    if frame is None:
        return []
    return [
        [one["label"], percent(one["share"]), decimal(one["value"]), _ends(one)] for one in frame.iter_rows(named=True)
    ]


def _raters(behind: Breakdown, *, choices: bool) -> dict[str, Any]:
    frame = behind.raters
    if frame is None:
        return {"raters": []}
    frame = frame.drop_nulls("change")
    ends = pl.concat([frame.head(MOST_RATERS), frame.tail(MOST_RATERS)]) if frame.height > 2 * MOST_RATERS else frame
    rows = [
        [
            one["rater"],
            count(one["n_answers"]),
            *([percent(one["agrees"]) if one["agrees"] is not None else "–"] if choices else []),
            decimal(one["without"]),
            f"{one['change']:+.3f}".replace("0.", "."),
        ]
        for one in ends.iter_rows(named=True)
    ]
    left = f"; {frame.height - ends.height:,} in between are left out" if frame.height > ends.height else ""
    agree = [("agrees with others", "n")] if choices else []
    return {
        "raters": rows,
        "raters_head": ["rater", ("answers", "n"), *agree, ("α without", "n"), ("change", "n")],
        "raters_words": f"α if the rater had not answered: who costs most agreement comes first{left}",
    }


def _pairs(frame: pl.DataFrame | None) -> dict[str, Any]:
    if frame is None:
        return {"pairs": [], "pair_svg": None}
    rows = [_pair(one) for one in frame.iter_rows(named=True)]
    if pl.concat([frame["first"], frame["second"]]).n_unique() <= PICTURED:
        return {
            "pairs": [],
            "pair_svg": pair_chart(frame),
            "pair_words": "Cohen’s κ of each two raters: the darker, the more they agree; empty: too little shared.",
            "all_pairs": rows,
        }
    worst, best = rows[:MOST_PAIRS], rows[-MOST_PAIRS:][::-1]
    said = f"Of {len(rows):,} pairs with {SHARED} items in common or more"
    return {"pairs": [(f"{said}, who agree least", worst), (f"{said}, who agree most", best)], "pair_svg": None}


def _pair(one: dict[str, Any]) -> Row:
    return [one["first"], one["second"], decimal(one["kappa"]), percent(one["agrees"], 0), count(one["n_shared"])]


def _groups(behind: Breakdown, first: Agreement) -> list[tuple[str, str, list[Row]]]:
    said = []
    for grouping, frame in behind.groups:
        known = frame.filter(pl.col("low").is_not_null())
        above = known.height > 1 and bool((known["low"] > first.value).all())
        words_ = f"α within each group of {grouping.of}; over all it is {decimal(first.value)}"
        if above and grouping.of == "raters":
            words_ += ". Every group agrees better within than all together: the groups answer differently"
        rows = [
            [
                one["group"],
                count(one["n_raters"]),
                count(one["n_items"]),
                count(one["n_answers"]),
                decimal(one["value"]) if one["low"] is not None else "–",
                _ends(one),
            ]
            for one in frame.iter_rows(named=True)
        ]
        said.append((f"By {grouping.name}", words_, rows))
    return said


def _again(found: IntraRater | None, *, numbers: bool) -> dict[str, Any] | None:
    if found is None or not found.n_repeats:
        return None
    rows = found.raters.rename({"n_repeats": "n_answers", "agreement": "accuracy"}).drop("n_items")
    said = "How near raters come to their own number when asked again." if numbers else found.sentence
    estimates = [("α of raters with themselves", found.alpha.estimate)]
    if not numbers:
        estimates.insert(0, ("The same answer again", found.agreement.estimate))
    return {
        "words": said,
        "rows": estimates,
        "raters": rows.head(2 * MOST_RATERS).to_dicts(),
        "left": left_out(rows.height - 2 * MOST_RATERS, "rater", "who are more consistent"),
    }


def _ends(one: dict[str, Any]) -> str:
    return "none" if one["low"] is None or one["high"] is None else f"{decimal(one['low'])} to {decimal(one['high'])}"
