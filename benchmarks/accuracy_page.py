"""The page docs/accuracy.md and its picture, from the tables that accuracy.py and accuracy_thinned.py have measured.

    python benchmarks/accuracy_page.py [--docs docs]

Reads accuracy.csv, accuracy_sets.csv and accuracy_thinned.csv, measures nothing: the page is the tables' and nobody
else's. The same tables give the same page.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

FIGURES = ("accuracy", "log_loss", "gap", "ece", "cpu_seconds")
CLUSTERS = {
    "weather_amt": "weather",
    "weather_cf": "weather",
    "sentpol_amt": "sentpol",
    "sentpol": "sentpol",
    "trec": "trec",
    "relevance": "trec",
}
OURS, PEER = "#1f5fa8", "#b3541e"


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    folder = parser.parse_args().docs
    (folder / "accuracy.md").write_text(page(folder), encoding="utf-8")
    rows = named(pl.read_csv(folder / "accuracy.csv", infer_schema_length=None))
    (folder / "images" / "accuracy.svg").write_text(picture(means(rows)), encoding="utf-8")


def page(folder: Path) -> str:
    """The whole page as Markdown."""
    rows = named(pl.read_csv(folder / "accuracy.csv", infer_schema_length=None))
    sets = pl.read_csv(folder / "accuracy_sets.csv", infer_schema_length=None)
    thin = pl.read_csv(folder / "accuracy_thinned.csv", infer_schema_length=None)
    parts = [
        HEAD.format(n_sets=sets.height, n_gold=thousands(sets["gold"].sum()), n=thousands(sets["answers"].sum())),
        made_on(rows),
        "## All sets together",
        SUMMARY,
        summary(means(rows), sets.height),
        "![Accuracy and log-loss of each method, mean of the sets](images/accuracy.svg)",
        partial(rows, sets.height),
        *by_set(rows, sets),
        "## The sets",
        set_table(sets),
        SETS,
        "## Rules",
        RULES,
        "## What the figures do not show",
        LIMITS,
        constants_table(thin),
        THINNED,
        thinned_table(thin),
        "## To cite",
        cite(rows),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


HEAD = """
# Accuracy of consensus labels on real annotation

{n_sets} crowdsourced sets with gold, {n} answers, {n_gold} gold items; every aggregation method of middlemost beside
crowd-kit and the code of the methods' authors, on the same answers, scored alike. No fit sees gold, but those of
`conclude`, which is scored on the items whose gold it has not seen.

Made by `make accuracy DATA=folder`, that is `python benchmarks/accuracy.py folder`, which measures all that is here
but the sensitivity checks at the end (`python benchmarks/accuracy_thinned.py folder`), and `python
benchmarks/accuracy_page.py`, which writes this page. Machine-readable: [accuracy.csv](accuracy.csv) (a row a set and
method), [accuracy_sets.csv](accuracy_sets.csv), [accuracy_thinned.csv](accuracy_thinned.csv).
"""

SUMMARY = """
Means over the sets, each counting alike; seconds are sums. *Over majority*: points of accuracy above majority vote,
with the 95 % interval of a bootstrap over the sets (sets of one campaign drawn together): how far the order depends
on which sets are there. *Gap*: mean confidence less accuracy; above zero a method overstates itself. *ECE*: mean
distance of confidence and accuracy over ten bins. Best figures without gold in bold. † accuracy as the authors' code
gave it once, from the recorded reference; it gave no log-loss, calibration or time.
"""

SETS = """
Counts are after the last answer was kept of those a rater gave to an item twice. *Commonest*: the share of the
commonest answer. Source: repository @ commit : path; follow it to the paper of the collection. From
`zhydhkcws/crowd_truth_infer`: Zheng, Li, Li, Shan and Cheng 2017, PVLDB 10(5); from `ipeirotis/Get-Another-Label`:
Ipeirotis, Provost and Wang 2010, HCOMP. A repository's licence covers what its owner could license; none of the data
is in this repository.
"""

RULES = """
- **Ties** count as their expectation: of two classes with the highest probability, one being right, half an item. So
  accuracy does not depend on the order of rows or the names of classes, which move majority vote by up to 2.2 points
  here. A method that gives labels only is taken at its labels; so are recorded figures. `accuracy_as_given` in the
  CSV is the accuracy of the labels that each package gives out, with its own rule for ties.
- **Log-loss** is the mean of -ln of the probability of the gold label, clipped at 10⁻⁹: a sure mistake costs 20.7.
- **Gold** labels that nobody answered are wrong for everybody (probability 0); gold items without answers are left
  out.
- **Repeats**: the last of a rater's answers to an item counts.
- **ECE**: ten bins of equally many items, equal confidences in one bin; small sets have some by chance alone.
- **Seconds** are CPU time of the process (all threads) from a data frame of names to labels, without reading files. A
  fit was cut off after 300 of them.
- **Defaults**: every method of either package at its defaults; `mace, EM` is `MACE(variational=False)`, `wawa, power
  2` is `Wawa(power=2)`. crowd-kit's MACE makes 10 restarts at seed 0, KOS and M-MSR one.
- **conclude** gets 50 gold items drawn at random, a third of the gold where there are fewer than 150; figures are the
  means of 20 draws, each scored on the rest. The mean over draws of what a method without gold scores on the rest is
  what it scores on all, so the rows compare.
"""

LIMITS = """
- **None of these sets is held out.** Constants of `pooled-dawid-skene` (strength, correlation and the weight of the
  class shares' prior), the prior of `ibcc`, the tolerance of `glad`, and which models `conclude` blends were chosen
  looking at these sets. Of the others nothing was knowingly chosen so.
- Sets differ by more than methods: see the intervals. Three pairs are not independent: `trec` and `relevance` are one
  campaign, the weather sets have the same tweets, the items of `sentpol_amt` are in `sentpol`.
- Gold is taken as right, and on `trec`, `relevance`, `adult` and `fact_eval` it covers few of the items.
- All are short tasks for crowds, of two to ten classes: nothing here is about experts, long texts or many classes.
  The last column of the last table is a made-up crowd of 30 classes, where models of one skill a rater are the better
  ones.
- Dawid-Skene fitted to convergence is below crowd-kit's on `relevance`, `adult` and `fact_eval`: the likelihood rises
  on while the labels get worse, and crowd-kit stops early, as [benchmarks.md](benchmarks.md) says.

How far are the constants fitted to these sets? The default at settings of strength and correlation (20 of them) that
are best in the mean of the *other* sets, twins left out together:
"""

THINNED = """
And on crowds that no constant was chosen for: each set thinned at random, twice; last, a synthetic crowd of 30
classes and uniform errors, three draws. *Worst*: points above majority on the set where that is least.
"""


def named(rows: pl.DataFrame) -> pl.DataFrame:
    """With the names that the tables use."""
    peer = pl.lit("crowd-kit ") + pl.col("method")
    author = pl.col("method") + pl.lit(" †")
    name = pl.when(by="crowd-kit").then(peer).when(by="authors' code").then(author)
    gold = pl.when(pl.col("gold") > 0).then(pl.lit("conclude, 50 gold")).otherwise(pl.col("method"))
    return rows.with_columns(name=name.otherwise(gold))


def means(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a method that has an accuracy on all sets, best first: means, and seconds in all."""
    n_sets = rows["set"].n_unique()
    majority = rows.filter(by="middlemost", method="majority-vote").select("set", base="accuracy")
    complete = rows.join(majority, on="set").filter(pl.col("accuracy").count().over("name") == n_sets)
    whole = [complete_mean(figure, n_sets) for figure in ("log_loss", "gap", "ece")]
    table = complete.group_by("name", maintain_order=True).agg(
        pl.col("by").first(),
        pl.col("gold").max(),
        pl.col("accuracy").mean(),
        *whole,
        pl.when(pl.col("cpu_seconds").count() == n_sets).then(pl.col("cpu_seconds").sum()).alias("cpu_seconds"),
    )
    intervals = [interval(complete.filter(name=name)) for name in table["name"]]
    over = pl.DataFrame(intervals, schema=["over", "low", "high"], orient="row")
    return pl.concat([table, over], how="horizontal").sort("accuracy", descending=True)


def complete_mean(figure: str, n_sets: int) -> pl.Expr:
    """The mean, where all sets have it."""
    return pl.when(pl.col(figure).count() == n_sets).then(pl.col(figure).mean()).alias(figure)


def interval(rows: pl.DataFrame) -> tuple[float, float, float]:
    """Points above majority in the mean of the sets, and the 95 % interval of 10,000 draws of clusters of sets."""
    above = 100 * (rows["accuracy"] - rows["base"]).to_numpy()
    cluster = np.unique([CLUSTERS.get(name, name) for name in rows["set"]], return_inverse=True)[1]
    sums, sizes = np.bincount(cluster, above), np.bincount(cluster)
    drawn = np.random.default_rng(0).integers(len(sizes), size=(10_000, len(sizes)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [0.025, 0.975])
    return float(above.mean()), float(low), float(high)


def made_on(rows: pl.DataFrame) -> str:
    """Versions, date, machine."""
    measured = rows.filter(pl.col("version").is_not_null())
    runs = (
        measured.select("by", "version", "date", "environment").unique(maintain_order=True).sort("by", descending=True)
    )
    lines = [f"{by} {version} on {date}: {environment}." for by, version, date, environment in runs.iter_rows()]
    return "Measured: " + " ".join(lines) + " Other work ran beside it: quote seconds as ratios."


def summary(table: pl.DataFrame, n_sets: int) -> str:
    """The means as a table; the best without gold in bold."""
    free = table.filter(gold=0)
    best = {figure: best_of(free[figure].to_list(), figure) for figure in FIGURES}
    head = ["method", "accuracy", "over majority (95 %)", "log-loss", "gap", "ECE", f"CPU s, {n_sets} sets"]
    lines = []
    for row in table.iter_rows(named=True):
        cells = {figure: shown(row[figure], figure) for figure in FIGURES}
        for figure in ("accuracy", "log_loss", "ece", "cpu_seconds"):  # gaps of both signs cancel out in a mean
            if not row["gold"] and row[figure] is not None and near(row[figure], best[figure], figure):
                cells[figure] = f"**{cells[figure]}**"
        over = "{:+.1f} ({:+.1f} to {:+.1f})".format(row["over"], row["low"], row["high"])
        first, *others = cells.values()
        lines.append([row["name"], first, "" if row["name"] == "majority-vote" else over, *others])
    return markdown(head, lines)


def partial(rows: pl.DataFrame, n_sets: int) -> str:
    """Methods that did not run on all sets, beside the default on the same ones."""
    default = rows.filter(name="pooled-dawid-skene").select("set", default="accuracy")
    some = rows.join(default, on="set").filter(pl.col("accuracy").count().over("name").is_between(1, n_sets - 1))
    lines = []
    for (name,), part in some.group_by("name", maintain_order=True):
        ran, missed = part.filter(pl.col("accuracy").is_not_null()), part.filter(pl.col("accuracy").is_null())
        why = "; ".join(
            f"{note} ({', '.join(sets)})"
            for note, sets in missed.group_by("note", maintain_order=True).agg("set").iter_rows()
        )
        figures = [shown(ran["accuracy"].mean(), "accuracy"), shown(ran["default"].mean(), "accuracy")]
        lines.append([str(name), str(ran.height), *figures, shown(ran["cpu_seconds"].sum(), "cpu_seconds"), why])
    if not lines:
        return ""
    head = ["did not run on all sets", "sets", "accuracy there", "`pooled-dawid-skene` there", "CPU s", "why"]
    return markdown(head, lines)


def by_set(rows: pl.DataFrame, sets: pl.DataFrame) -> list[str]:
    """A table of each figure, methods by sets."""
    titles = {
        "accuracy": "Accuracy by set",
        "log_loss": "Log-loss by set",
        "gap": "Gap between confidence and accuracy by set",
        "ece": "Calibration error (ECE) by set",
        "cpu_seconds": "CPU seconds by set",
    }
    order = (
        rows.group_by("name").agg(pl.col("accuracy").mean()).sort("accuracy", "name", descending=[True, False])["name"]
    )
    parts = []
    for figure, title in titles.items():
        wide = rows.pivot(on="set", index="name", values=figure).select("name", *sets["set"])
        known = wide.filter(pl.any_horizontal(pl.exclude("name").is_not_null()))
        free = known.filter(~pl.col("name").str.contains("gold"))
        best = {name: best_of(free[name].to_list(), figure) for name in sets["set"]}
        lines = [
            [row["name"], *(marked(row[name], best[name], figure, row["name"]) for name in sets["set"])]
            for method in order
            for row in known.filter(name=method).iter_rows(named=True)
        ]
        parts += [f"## {title}", markdown(["method", *sets["set"]], lines)]
    return parts


def marked(value: float | None, best: float, figure: str, name: str) -> str:
    """A figure, bold if nobody without gold is better."""
    text = shown(value, figure)
    return f"**{text}**" if value is not None and "gold" not in name and near(value, best, figure) else text


def best_of(values: Sequence[float | None], figure: str) -> float:
    """The best of the known ones."""
    known = [value for value in values if value is not None]
    return max(known) if figure == "accuracy" else min(known, key=abs)


def near(value: float, best: float, figure: str) -> bool:
    """Whether it is as good as the best, as far as is shown."""
    return shown(abs(value), figure) == shown(abs(best), figure)


def shown(value: Any, figure: str) -> str:
    """A figure as the tables have it: .8278; seconds to about three digits."""
    if value is None:
        return ""
    if figure == "cpu_seconds":
        places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
        return plain(f"{value:.{places}f}")
    return plain(f"{value:.4f}" if figure == "accuracy" else f"{value:.3f}")


def plain(number: str) -> str:
    """Without the zero before the point."""
    return number.replace("0.", ".", 1) if number.startswith(("0.", "-0.")) else number


def set_table(sets: pl.DataFrame) -> str:
    """What each set is."""
    head = ["set", "items", "raters", "answers", "classes", "gold", "commonest", "source", "licence"]
    lines = [
        [
            row["set"],
            *(thousands(row[name]) for name in ("items", "raters", "answers", "classes", "gold")),
            plain(f"{row['commonest_answer']:.2f}"),
            f"`{shorter(row['source'])}`",
            row["licence"],
        ]
        for row in sets.iter_rows(named=True)
    ]
    return markdown(head, lines)


def shorter(source: str) -> str:
    """repository@commit:path with ten digits of the commit."""
    before, at, after = source.partition("@")
    commit, colon, path = after.partition(":")
    return before + at + commit[:10] + colon + path


def constants_table(thin: pl.DataFrame) -> str:
    """The default at other constants."""
    rows = thin.filter(answers="all").iter_rows(named=True)
    lines = [[row["method"], shown(row["accuracy"], "accuracy"), shown(row["log_loss"], "log_loss")] for row in rows]
    return markdown(["`pooled-dawid-skene`", "mean accuracy", "log-loss"], lines)


def thinned_table(thin: pl.DataFrame) -> str:
    """Methods by thinnings: accuracy, log-loss, and the worst set beside majority."""
    rest = thin.filter(pl.col("answers") != "all")
    kinds = rest["answers"].unique(maintain_order=True).to_list()
    head = ["method", *(f"{kind}: accuracy; log-loss; worst" for kind in kinds)]
    lines = []
    for (method,), part in rest.group_by("method", maintain_order=True):
        cells = [
            f"{shown(row['accuracy'], 'accuracy')}; {shown(row['log_loss'], 'log_loss')}; {row['worst']:+.1f}"
            for row in part.iter_rows(named=True)
        ]
        lines.append([str(method), *cells])
    return markdown(head, lines)


def cite(rows: pl.DataFrame) -> str:
    """What to write."""
    ours = rows.filter(pl.col("version").is_not_null(), by="middlemost").sort("date").row(-1, named=True)
    year = ours["date"][:4]
    return (
        f"The middlemost developers. *Accuracy of consensus labels on real annotation.* middlemost {ours['version']},"
        f" {year}, docs/accuracy.md. Cite the methods by their own papers (`traits.source` of each names it),"
        " the sets by theirs."
    )


def thousands(number: int) -> str:
    """1,234."""
    return f"{number:,}"


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, all but the first column to the right where it has figures."""
    rule = "|---|" + "---|" * (len(head) - 1)
    return "\n".join(["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(line) + " |" for line in lines)])


def picture(table: pl.DataFrame) -> str:
    """Two dots a method, accuracy and log-loss, best accuracy on top: an SVG with its own background."""
    import vl_convert

    values = [
        {
            "name": row["name"],
            "by": "middlemost" if row["by"] == "middlemost" else "others",
            "accuracy": row["accuracy"],
            "log_loss": row["log_loss"],
        }
        for row in table.iter_rows(named=True)
    ]
    names = [row["name"] for row in values]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "padding": 12,
        "data": {"values": values},
        "hconcat": [
            panel(names, "accuracy", "mean accuracy", {"grid": True, "labelLimit": 220}),
            panel(names, "log_loss", "mean log-loss (less is better)", {"grid": True, "labels": False, "ticks": False}),
        ],
        "config": {"font": "system-ui, sans-serif", "view": {"stroke": None}, "axis": {"gridColor": "#e4e4e0"}},
    }
    return str(vl_convert.vegalite_to_svg(spec))


def panel(names: list[str], field: str, title: str, axis: dict[str, Any]) -> dict[str, Any]:
    """A dot a method along one figure."""
    colours = {"domain": ["middlemost", "others"], "range": [OURS, PEER]}
    y = {"field": "name", "type": "nominal", "title": None, "scale": {"domain": names}, "axis": axis}
    return {
        "width": 300,
        "height": {"step": 17},
        "transform": [{"filter": f"isValid(datum.{field})"}],
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1},
        "encoding": {
            "y": y,
            "x": {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False}},
            "color": {"field": "by", "scale": colours, "legend": {"orient": "top", "title": None}},
            "shape": {"field": "by", "scale": {"range": ["circle", "diamond"]}, "legend": None},
        },
    }


if __name__ == "__main__":
    main()
