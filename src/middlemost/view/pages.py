"""The pages' common ground: one Jinja environment and one style sheet for the report and the desk."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from middlemost.core.estimate import decimal, figures
from middlemost.core.words import plural
from middlemost.errors import shorten
from middlemost.project.coefficients import why

STYLES = ("tokens.css", "parts.css")


@cache
def environment(*packages: str) -> Environment:
    """The templates of `packages` (module names), then ours; everything is escaped, an unknown name is an error.

    >>> environment().from_string("{{ text }} {{ n | count }} {{ s | percent }}").render(text="<b>", n=8214, s=0.041)
    '&lt;b&gt; 8,214 4.1 %'
    """
    loaders = [PackageLoader(package) for package in (*packages, "middlemost.view")]
    pages = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters.update(
        money=money, decimal=decimal, percent=percent, count=count, shorten=shorten, why=why, figures=figures
    )
    return pages


@cache
def stylesheet() -> str:
    """Tokens and parts as one text, for a page that carries its own style."""
    return "\n".join(files("middlemost.view").joinpath(name).read_text("utf-8") for name in STYLES)


def percent(share: float, places: int = 1) -> str:
    """A share in words' company: with a percent sign, and never rounded to a certainty that it is not.

    >>> percent(0.041), percent(1), percent(0.99999), percent(0.00001)
    ('4.1 %', '100 %', 'over 99.9 %', 'under 0.1 %')
    """
    smallest = 10.0**-places
    shown = f"{100 * share:.{places}f}"
    if 0 < share < 1 and float(shown) == 0:
        return f"under {smallest:.{places}f} %"
    if 0 < share < 1 and float(shown) == 100:
        return f"over {100 - smallest:.{places}f} %"
    return f"{shown.removesuffix('.' + '0' * places) if share in (0, 1) else shown} %"


def count(number: float) -> str:
    """A whole number with its thousands marked.

    >>> count(8214)
    '8,214'
    """
    return f"{number:,.0f}"


def money(amount: float) -> str:
    """An amount with its cents and thousands marked.

    >>> money(1234.5)
    '1,234.50'
    """
    return f"{amount:,.2f}"


def left_out(n: int, noun: str, which: str) -> Markup:
    """A line on the rows of a table that are not shown; nothing where all are."""
    text = f"{plural(n, f'more {noun}')} {which} {'is' if n == 1 else 'are'} left out here." if n > 0 else ""
    return Markup('<p class="left-out">{}</p>').format(text) if text else Markup("")
