"""Pictures as SVG: Vega-Lite specifications as plain dicts, drawn offline.

Colours are the tokens' names, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import polars as pl
from markupsafe import Markup, escape
from numpy.typing import NDArray

from middlemost.core.estimate import decimal, figures
from middlemost.errors import shorten

Spec = dict[str, Any]

WIDTH = 360
_FONT = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
_AXIS = {
    "labelColor": "var(--soft)",
    "titleColor": "var(--soft)",
    "titleFontWeight": 400,
    "gridColor": "var(--line)",
    "domainColor": "var(--line)",
    "tickColor": "var(--line)",
    "labelFontSize": 12,
    "titleFontSize": 12,
    "labelPadding": 4,
    "ticks": False,
    "domain": False,
}
_CONFIG: Spec = {
    "background": None,
    "font": _FONT,
    "aria": False,
    "padding": 2,
    "autosize": {"type": "fit", "contains": "padding"},
    "view": {"stroke": None},
    "axis": _AXIS,
    "bar": {"color": "var(--series-2)"},
    "tick": {"color": "var(--series-1)", "thickness": 2},
}


def draw(spec: Spec, title: str) -> Markup:
    """The SVG of a Vega-Lite specification, with `title` as what a screen reader says of it."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(
        {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **spec, "config": _CONFIG}
    )
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"(?=[^<>]*>)', "", svg)  # one picture, one description
    svg = re.sub(r"<svg\b", f'<svg role="img" aria-label="{escape(title)}"', svg, count=1)
    return Markup(svg)  # noqa: S704  drawn from numbers and escaped text


def label_chart(rows: list[dict[str, Any]]) -> Markup:
    """Bars: share of items; strokes: share of answers. Rows: label, share_of_items, share_of_answers."""
    names = json.dumps([shorten(str(row["label"]), 22) for row in rows], ensure_ascii=False)
    axis = {"labelLimit": 150, "grid": False, "labelExpr": f"{names}[datum.value]"}
    y = {"field": "place", "type": "ordinal", "title": None, "axis": axis}
    most = max([row[share] for row in rows for share in ("share_of_items", "share_of_answers")] or [1.0])
    scale = {"domain": [0, 1.2 * most or 1]}
    x = {"type": "quantitative", "title": None, "axis": {"format": "~%", "tickCount": 4}, "scale": scale}
    words = {"type": "text", "align": "left", "dx": 6, "color": "var(--ink)", "fontSize": 12}
    return draw(
        {
            "width": WIDTH,
            "height": 30 + 24 * len(rows),
            "data": {"values": [_label_row(place, row) for place, row in enumerate(rows)]},
            "encoding": {"y": y},
            "layer": [
                {"mark": {"type": "bar", "height": 12}, "encoding": {"x": {"field": "share_of_items", **x}}},
                {"mark": {"type": "tick", "size": 18}, "encoding": {"x": {"field": "share_of_answers", **x}}},
                {"mark": words, "encoding": {"x": {"field": "end", **x}, "text": {"field": "words"}}},
            ],
        },
        "Share of items with each label, and share of answers",
    )


def _label_row(place: int, row: dict[str, Any]) -> dict[str, Any]:
    items, answers = row["share_of_items"], row["share_of_answers"]
    return {
        "place": place,
        "share_of_items": items,
        "share_of_answers": answers,
        "end": max(items, answers),
        "words": f"{100 * items:.0f} %" if items >= 0.01 or not items else "under 1 %",
    }


def column_chart(rows: list[dict[str, Any]], *, x: str, y: str, title: str) -> Markup:
    """Columns over ordered bins. Rows: bin (text, in order), n."""
    names = [row["bin"] for row in rows]
    shown = names[:: -(-len(names) // 8)]
    return draw(
        {
            "width": WIDTH,
            "height": 170,
            "data": {"values": rows},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "bin",
                    "type": "ordinal",
                    "sort": None,
                    "title": x,
                    "scale": {"paddingInner": 0.12},
                    "axis": {"labelAngle": 0, "values": shown, "grid": False, "labelOverlap": True},
                },
                "y": {
                    "field": "n",
                    "type": "quantitative",
                    "title": y,
                    "axis": {"tickCount": 4, "format": "~s", "tickMinStep": 1},
                },
            },
        },
        title,
    )


def pair_chart(frame: pl.DataFrame) -> Markup:
    """A square a pair of raters, the darker the more they agree. Frame: first, second, kappa; one row a pair."""
    both = pl.concat([frame, frame.rename({"first": "second", "second": "first"}).select(frame.columns)])
    means = both.group_by("first").agg(pl.col("kappa").mean()).sort("kappa", "first", descending=[True, False])
    place = {name: at for at, name in enumerate(means["first"])}
    names = json.dumps([shorten(name, 14) for name in place], ensure_ascii=False)
    rows = [
        {"x": place[a], "y": place[b], "kappa": max(kappa, 0.0), "words": decimal(kappa, 2)}
        for a, b, kappa in both.select("first", "second", "kappa").iter_rows()
    ]
    axis = {"grid": False, "labelExpr": f"{names}[datum.value]", "labelLimit": 110, "orient": "left"}
    x = {"field": "x", "type": "ordinal", "title": None, "axis": {**axis, "orient": "top", "labelAngle": -90}}
    y = {"field": "y", "type": "ordinal", "title": None, "axis": axis}
    scale = {"domain": [0, 1], "range": [0.04, 0.9]}
    shade = {"field": "kappa", "type": "quantitative", "scale": scale, "legend": None}
    square = {"mark": {"type": "rect", "color": "var(--series-2)"}, "encoding": {"x": x, "y": y, "opacity": shade}}
    value = {"type": "text", "color": "var(--ink)", "fontSize": 11}
    words = {"mark": value, "encoding": {"x": x, "y": y, "text": {"field": "words"}}}
    side = 110 + 26 * len(place)
    layer = [square, words] if len(place) <= 12 else [square]
    title = "How far each two raters agree"
    return draw({"width": max(side, 220), "height": max(side, 220), "data": {"values": rows}, "layer": layer}, title)


def value_bins(values: NDArray[np.float64], most: int = 24) -> list[dict[str, Any]]:
    """Numbers counted in ranges of one round width, as rows for `column_chart`; a range is named by where it begins.

    >>> [(row["bin"], row["n"]) for row in value_bins(np.array([0.0, 1.0, 1.0, 3.0]))]
    [('0', 1), ('1', 2), ('2', 0), ('3', 1)]
    """
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.round(values)).all())
    width = _round_up((high - low) / (most - 1) if high > low else 1.0, whole=whole)
    start = np.floor(low / width)
    counts = np.bincount((np.floor(values / width + 1e-9) - start).astype(np.int64))
    return [{"bin": figures((start + place) * width), "n": int(n)} for place, n in enumerate(counts)]


def _round_up(width: float, *, whole: bool) -> float:
    """The next of 1, 2, 5, 10, ..., which is 1 at least where all numbers are whole."""
    power = 10.0 ** np.floor(np.log10(width))
    found = float(next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9)))
    return max(found, 1.0) if whole else found


def share_bins(shares: pl.Series, start: float = 0.0) -> list[dict[str, Any]]:
    """Shares counted in bins of .05 from `start` (rounded down) to 1, as rows for `column_chart`."""
    first = min(int(np.floor(start * 20 + 1e-9)), 10)
    edges = np.arange(first, 21) / 20
    counts, _ = np.histogram(np.clip(shares.to_numpy(), edges[0], 1.0), edges)
    return [{"bin": f"{low:.2f}"[-3:] if low < 1 else "1", "n": int(n)} for low, n in zip(edges, counts, strict=False)]


def number_bins(numbers: pl.Series, times: pl.Series, most: int = 24) -> list[dict[str, Any]]:
    """How often each whole number occurs; beyond `most` different ones in equal ranges, as rows for `column_chart`."""
    low, high = int(numbers.min() or 0), int(numbers.max() or 0)  # type: ignore[arg-type]
    width = -(-(high - low + 1) // most)
    counts = np.bincount((numbers.to_numpy() - low) // width, weights=times.to_numpy())
    starts = low + width * np.arange(len(counts))
    return [
        {"bin": str(start) if width == 1 else f"{start}–{start + width - 1}", "n": int(n)}
        for start, n in zip(starts, counts, strict=True)
    ]
