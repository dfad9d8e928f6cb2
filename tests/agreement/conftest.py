"""The reference tables as answers."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from middlemost.core.answers import Answers, encode

R_TABLES = {
    "cac.raw4raters": "4raters",
    "cac.raw5obser": "5observers",
    "cac.raw.g1g2": "g1g2",
    "cac.raw.gender": "gender",
    "cac.ben.gerry": "ben_gerry",
}


def read(path: Path) -> Answers:
    """Everything as text."""
    return encode(pl.read_csv(path, infer_schema=False))


def raw(shared: Path, dataset: str) -> Answers:
    """One of irrCAC's tables of raw ratings, under its name in R."""
    return read(shared / f"data/agreement_reference/answers_irrcac_raw_{R_TABLES[dataset]}.csv")


def crosstab(shared: Path, dataset: str) -> Answers:
    """One of irrCAC's tables of two raters; its classes are numbered in the table's order."""
    table = pl.read_csv(shared / f"data/agreement_reference/irrcac_table_{dataset}.csv").drop("rater1_answer")
    cells = [(k, m) for k, row in enumerate(table.rows(), 1) for m, times in enumerate(row, 1) for _ in range(times)]
    rows = [
        (str(i), rater, str(answer)) for i, cell in enumerate(cells) for rater, answer in zip("AB", cell, strict=True)
    ]
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))


def crossed(*items: str) -> Answers:
    """One string an item, one letter a rater; a space is a missing answer."""
    rows = [(f"i{n}", f"r{m}", a) for n, item in enumerate(items) for m, a in enumerate(item) if a != " "]
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
