"""How right the confidences are, for the report: a picture, its table, and how it was done."""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from middlemost.core.estimate import decimal
from middlemost.core.results import Calibration
from middlemost.view.charts import WIDTH, draw
from middlemost.view.pages import count, percent


def shown(found: Calibration | None) -> dict[str, Any]:
    """What the template asks for: nothing without a calibration."""
    if found is None:
        return {"reliability_svg": None}
    return {
        "reliability_svg": _picture(found.reliability),
        "reliability_words": (
            "Is a confidence of .90 right in 9 of 10 cases? Each dot is a tenth or more of the gold items, with its "
            "95 % interval; on the line, confidence is what it says."
        ),
        "reliability_rows": [
            [
                f"{decimal(row['low'], 2)} to {decimal(row['high'], 2)}",
                count(row["n"]),
                percent(row["confidence"]),
                percent(row["right"]),
                f"{percent(row['right_low']).removesuffix(' %')} to {percent(row['right_high'])}",
            ]
            for row in found.reliability.iter_rows(named=True)
        ],
    }


def method(found: Calibration | None) -> list[str]:
    """How the labels were set right, in sentences."""
    if found is None:
        return []
    weights = found.models.filter(pl.col("weight").is_not_null()).sort("weight", descending=True)
    parts = ", ".join(f"{name} {decimal(weight, 2)}" for name, weight in weights.select("model", "weight").iter_rows())
    best = found.models.filter(pl.col("model") != found.chosen)["model"][0]
    side = "below" if found.margin >= 0 else "above"
    chosen = (
        f"Calibrated on {count(found.n_gold)} gold items, each judged by a fit that has not seen it. Chosen: "
        f"{found.chosen} (weights: {parts}), its log-loss {decimal(abs(found.margin))} nats an item {side} that of "
        f"{best} (standard error {decimal(found.margin_error)})."
    )
    share = (
        "The share of wrong labels is for the items without gold: what the calibrated confidences claim, corrected by "
        "gold."
    )
    return [chosen, share]


def _picture(reliability: pl.DataFrame) -> Markup:
    least = min([*reliability["confidence"], *reliability["right_low"], 0.5])
    ends = [max(0.0, least - 0.02), 1.0]
    axis = {"format": "~%", "tickCount": 5}
    share = {"type": "quantitative", "scale": {"domain": ends, "nice": False}, "axis": axis}
    x = {"field": "confidence", "title": "confidence", **share}
    y = {"field": "right", "title": "right", **share}
    low, high = {**y, "field": "right_low"}, {"field": "right_high"}
    ideal = {"values": [{"confidence": end, "right": end} for end in ends]}
    line = {"type": "line", "strokeDash": [4, 4], "color": "var(--soft)", "strokeWidth": 1}
    dot = {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": "var(--series-1)"}
    rule = {"type": "rule", "color": "var(--series-1)"}
    return draw(
        {
            "width": WIDTH,
            "height": 220,
            "data": {"values": reliability.to_dicts()},
            "layer": [
                {"data": ideal, "mark": line, "encoding": {"x": x, "y": y}},
                {"mark": rule, "encoding": {"x": x, "y": low, "y2": high}},
                {"mark": dot, "encoding": {"x": x, "y": y}},
            ],
        },
        "Share of labels that are right, by their confidence",
    )
