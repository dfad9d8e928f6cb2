"""Templates to text: the pages of this room and what they all share."""

from __future__ import annotations

from functools import lru_cache
from time import gmtime, strftime

from markdown_it.token import Token
from markupsafe import Markup

from middlemost.core.sections import MARKDOWN, parted
from middlemost.view.pages import environment


def page(template: str, **values: object) -> str:
    """The template of this name, filled in; everything in `values` is escaped unless it is Markup."""
    helpers = {"moment": moment, "weight": weight, "awaits": awaits}
    return environment("middlemost.web").get_template(template).render(**helpers, **values)


@lru_cache(maxsize=8)
def prose(text: str) -> Markup:
    """The same as `html`, section by section, and remembered: for the guidelines, which everybody reads.

    >>> print(prose("# One"))
    <section data-section="one"><h2>One</h2></section>
    """
    return Markup("\n").join(
        Markup('<section data-section="{}">{}</section>').format(name, part) for name, part in by_section(text).items()
    )


@lru_cache(maxsize=8)
def by_section(text: str) -> dict[str, Markup]:
    """Each section of the guidelines as HTML, by its id."""
    environment: dict[str, object] = {}
    return {section.id: _rendered(tokens, environment) for section, tokens in parted(text, environment)}


def html(text: str) -> Markup:
    """Markdown as HTML. HTML in the text is shown as text, headings go one level down, links open beside the page.

    >>> print(html("# One & all"))
    <h2>One &amp; all</h2>
    """
    return _rendered(MARKDOWN.parse(text), {})


def _rendered(tokens: list[Token], environment: dict[str, object]) -> Markup:
    for token in tokens:
        _fit_in(token)
        for inner in token.children or ():
            _fit_in(inner)
    rendered = MARKDOWN.renderer.render(tokens, MARKDOWN.options, environment)
    return Markup(rendered.rstrip())  # noqa: S704 - escaped by markdown-it


def awaits(script: str) -> Markup:
    """What a button has that `script` works: it is disabled until that script listens (static/ready.js).

    Without `autocomplete` Firefox would keep it enabled when the page is loaded again.

    >>> print(awaits("desk"))
    disabled autocomplete="off" data-awaits="desk"
    """
    return Markup('disabled autocomplete="off" data-awaits="{}"').format(script)


def moment(at: float | None) -> Markup:
    """A point in time (Unix seconds) as an element; the page's script puts it into the reader's own time zone.

    >>> print(moment(0.0))
    <time datetime="1970-01-01T00:00:00Z">1 Jan 1970, 00:00 UTC</time>
    """
    if at is None:
        return Markup("–")
    then = gmtime(at)
    words = f"{then.tm_mday} {strftime('%b %Y, %H:%M UTC', then)}"
    return Markup('<time datetime="{}">{}</time>').format(strftime("%Y-%m-%dT%H:%M:%SZ", then), words)


def weight(size: int) -> str:
    """How large a file is.

    >>> weight(812), weight(21_700_134)
    ('812 bytes', '21.7 MB')
    """
    steps = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    return next((f"{size / step:.1f} {unit}" for step, unit in steps if size >= step), f"{size} bytes")


def _fit_in(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    if token.type == "link_open":
        token.attrSet("target", "_blank")
        token.attrSet("rel", "noopener noreferrer")
