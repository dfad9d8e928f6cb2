"""Every page in every way of looking at it. A further page is one row of `PAGES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from middlemost.web.desk import frame
from middlemost.web.render import page as rendered
from middlemost.web.serve import serving
from middlemost.web.session import Sessions

from .worlds import ARABIC, LATIN, World

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Row:
    """A page: its address, who looks (None: nobody who is signed in), in which project, which keys open what is meant.

    `see`: what is there once it is. `{rater}` and the like in an address are links of invitation.
    """

    path: str
    who: str | None = "rater"
    world: str = "plain"
    keys: tuple[str, ...] = ()
    see: str = "h1"
    template: str | None = None


RATE = "#work"
PAGES = {
    "closed": Row("/", None),
    "problem": Row("/join/nonsense", None),
    "nothing there": Row("/nothing", None),
    "join as a rater": Row("/join/{rater}", None),
    "join, described": Row("/join/{rater}", None, "described"),
    "join by name": Row("/join/{named}", None),
    "join as a lead": Row("/join/{lead}", None),
    "join again": Row("/join/{again}", None),
    "join, signed in": Row("/join/{rater}"),
    "join from a panel": Row("/join/{panel}", None),
    "join from a panel as nobody": Row("/join/{nobody}", None),
    "not for you": Row("/desk"),
    "rate": Row("/rate", see=RATE),
    "rate, answered": Row("/rate", keys=("1", "Tab", "Tab", "3"), see=RATE),
    "rate, not answered": Row("/rate", keys=("Enter",), see="#hint:not(:empty)"),
    "rate, taken back": Row("/rate", "some", keys=("Backspace",), see="#correcting"),
    "guidelines open": Row("/rate", keys=("g",), see="#guidelines"),
    "keys open": Row("/rate", keys=("?",), see="#keys"),
    "skip open": Row("/rate", keys=("s",), see="#skipping"),
    "skip without a reason": Row("/rate", keys=("s", "Enter"), see="#skip-hint:not(:empty)"),
    "flag open": Row("/rate", keys=("f",), see="#flagging"),
    "paused": Row("/rate", keys=("p",), see="#paused"),
    "all done": Row("/rate", "all", see="#state h1"),
    "limit reached": Row("/rate", world="limited", keys=("1", "send"), see="#state h1"),
    "harm warning": Row("/rate", world="harmful", see="#warning"),
    "covered": Row("/rate", world="harmful", keys=("Enter",), see=".uncover"),
    "uncovered": Row("/rate", world="harmful", keys=("Enter", "v"), see=RATE),
    "panel, done": Row("/join/{panel}", None, keys=("join", "all"), see=".completion"),
    "training": Row("/training", world="learning", see=RATE),
    "feedback": Row("/training", world="learning", keys=("2", "send"), see="#feedback"),
    "training, guidelines": Row("/training", world="learning", keys=("g",), see="#guidelines"),
    "own answers": Row("/answers", "some"),
    "own answers, none": Row("/answers"),
    "guidelines": Row("/guidelines"),
    "guidelines, lead": Row("/guidelines", "lead"),
    "sign in": Row("/sign-in", None),
    "account": Row("/account"),
    "account, lead": Row("/account", "lead"),
    "told": Row("/feedback"),
    "desk": Row("/desk", "lead"),
    "desk, auditor": Row("/desk", "auditor"),
    "desk, adjudicator": Row("/desk", "adjudicator"),
    "desk, described": Row("/desk", "lead", "described"),
    "desk, nothing yet": Row("/desk", "lead", "learning"),
    "desk, waiting": Row("/desk", "lead", template="desk/waiting.html.j2"),
    "raters": Row("/desk/raters", "lead"),
    "raters, a link made": Row("/desk/raters", "lead", keys=("a link",), see="#link"),
    "raters, auditor": Row("/desk/raters", "auditor"),
    "raters, learning": Row("/desk/raters", "lead", "learning"),
    "tell": Row("/desk/raters/r-001/feedback", "lead"),
    "rounds": Row("/desk/rounds", "lead"),
    "sample": Row("/desk/sample", "lead"),
    "sections": Row("/desk/guidelines", "lead"),
    "export": Row("/desk/export", "lead"),
    "items": Row("/desk/items", "lead"),
    "items, found": Row("/desk/items?q=2", "lead"),
    "items, none": Row("/desk/items?state=gold&q=xyz", "lead"),
    "items, disputed": Row("/desk/items?state=disputed", "auditor"),
    "items, disputed, adjudicator": Row("/desk/items?state=disputed", "adjudicator"),
    "item": Row("/desk/items/item-1", "lead"),
    "item, decided": Row("/desk/items/item-0", "lead"),
    "item, long": Row("/desk/items/item-5", "auditor"),
    "item, described": Row("/desk/items/item-1", "lead", "described"),
    "item, blind": Row("/desk/items/item-1?blind=1", "adjudicator"),
    "item, said": Row("/desk/items/item-1?blind=1&said=kind", "adjudicator"),
    "decide": Row("/desk/decide", "adjudicator"),
    "no such item": Row("/desk/items/none", "lead"),
}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
LARGE_PHONE = "text of 200 % on a phone"
WAYS: dict[str, dict[str, Any]] = {
    "phone in the dark": PHONE | {"color_scheme": "dark"},
    "light": {"reduced_motion": "reduce"},
    "right to left on a phone": PHONE,
    "text of 200 %": {},
}
# Looked at in one way before every commit; the rest is for `make test-all`.
QUICK = "phone in the dark"
ALWAYS = {
    "closed", "join as a rater", "sign in", "account", "rate", "guidelines open", "all done", "training", "own answers",
    "told", "desk", "raters", "rounds", "sample", "sections", "export", "items", "item", "item, blind",
}  # fmt: skip
LOOKS = [
    pytest.param(name, way, marks=() if way == QUICK and name in ALWAYS else pytest.mark.long)
    for name in PAGES
    for way in WAYS
]


DIALOGS = [
    one for one, row in PAGES.items() if row.see in {"#guidelines", "#keys", "#skipping", "#flagging", "#paused"}
]


class Visits:
    """Worlds as they are asked for, each made once, and browsers that look at them."""

    def __init__(self, browser: Browser, folder: Path, stack: ExitStack) -> None:
        self.browser, self.folder, self.stack = browser, folder, stack
        self.made: dict[tuple[str, bool], tuple[World, str, dict[str, str]]] = {}

    def world(self, name: str, arabic: bool) -> tuple[World, str, dict[str, str]]:
        if (name, arabic) not in self.made:
            folder = self.folder / f"{name}-{arabic}"
            world = World.made(folder, name, ARABIC if arabic else LATIN)
            self.stack.callback(world.project.close)
            self.made[name, arabic] = (world, self.stack.enter_context(serving(world.project)), {})
        return self.made[name, arabic]

    def context(self, row: Row, way: str) -> tuple[BrowserContext, World, str]:
        world, server, _ = self.world(row.world, "right to left" in way)
        context = self.browser.new_context(**(PHONE if way == LARGE_PHONE else WAYS[way]))
        if row.who:
            session = world.come(row.who)
            name = Sessions(world.project).cookie
            context.add_cookies([{"name": name, "value": session.token, "url": server}])
            if row.template:
                html = rendered(row.template, **frame(world.project, session, "today"))
                context.route(f"**{row.path}", lambda route: route.fulfill(body=html, content_type="text/html"))
        return context, world, server

    def open(self, row: Row, way: str) -> Page:
        """The page as the row means it."""
        context, world, server = self.context(row, way)
        page = context.new_page()
        if "text of 200 %" in way:
            context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        page.goto(server + row.path.format(**world.links()))
        if page.url.endswith(("/rate", "/training")):
            expect(page.locator("#count")).not_to_be_empty()
        for key in row.keys:
            press(page, key)
        expect(page.locator(row.see).first).to_be_visible()
        return page


def press(page: Page, key: str) -> None:
    if key == "join":
        page.get_by_role("button", name="Begin").click()
        page.wait_for_url("**/rate")
    elif key == "send":
        page.locator("#send").click()
    elif key == "a link":
        page.get_by_role("button", name="Make a link").click()
    elif key == "all":
        for n in range(6):
            expect(page.locator("#count")).to_contain_text(f"{n} answered")
            page.keyboard.press("1")
            page.locator("#send").click()
    else:
        page.keyboard.press(key)


@pytest.fixture(scope="module")
def visits(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    with ExitStack() as stack:
        yield Visits(browser, tmp_path_factory.mktemp("worlds"), stack)


WIDER = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"
# Words that are cut off, or stick out of what holds them.
CUT = """[...document.querySelectorAll("button, a, label, h1, h2, dt, dd, p, summary, select")]
    .filter(e => e.checkVisibility() && getComputedStyle(e).display !== "inline")
    .filter(e => e.scrollWidth > e.clientWidth + 2 && !e.closest(".wide, .unseen, details:not([open]), svg"))
    .map(e => e.outerHTML.slice(0, 200))"""
# What stays in sight and leaves no room for the rest.
GREEDY = """[...document.querySelectorAll("header, footer, .lost")]
    .filter(e => ["sticky", "fixed"].includes(getComputedStyle(e).position) && e.offsetHeight > innerHeight / 2)
    .map(e => e.outerHTML.slice(0, 200))"""
MOVING = """[...document.querySelectorAll("*")].filter(e => {
    const { transitionDuration, animationName } = getComputedStyle(e);
    return transitionDuration.split(", ").some(one => parseFloat(one) > 0) || animationName !== "none";
  }).map(e => e.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize(("name", "way"), LOOKS)
def test_a_page_has_no_barrier_and_fits(
    visits: Visits, violations: Callable[[Page], list[str]], name: str, way: str
) -> None:
    page = visits.open(PAGES[name], way)
    expect(page.locator("[data-awaits]")).to_have_count(0)  # every button has its script
    assert violations(page) == []
    assert not page.evaluate(WIDER)
    assert page.evaluate(CUT) == []
    assert page.evaluate(GREEDY) == []
    if WAYS[way].get("reduced_motion"):
        assert page.evaluate(MOVING) == []
    page.context.close()


@pytest.mark.parametrize("name", ["rate", "training", "desk", "all done"])
def test_large_text_on_a_phone_leaves_room_for_what_the_page_is_about(visits: Visits, name: str) -> None:
    page = visits.open(PAGES[name], LARGE_PHONE)
    assert page.evaluate(GREEDY) == []
    page.context.close()


# Everything that keys should reach; of the buttons of a choice one stands for all, arrows reach the others.
REACHABLE = """() => {
  const dialog = document.querySelector("dialog[open]");
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const all = [...(dialog ?? document).querySelectorAll(kinds)].filter((e) =>
    e.checkVisibility({ visibilityProperty: true }) && e.type !== "hidden" && !e.matches(":disabled, [inert] *"));
  window.keyOf = (e) => (e.type === "radio" ? `radio ${e.form?.id} ${e.name}` : all.indexOf(e));
  window.wanted = new Map(all.map((e) => [keyOf(e), e.outerHTML.slice(0, 160)]));
  return wanted.size;
}"""
# Where the focus is now, and whether it can be seen there.
FOCUSED = """() => {
  const e = document.activeElement;
  const ringed = [e, e.closest("label"), e.closest(".answer")].filter(Boolean).some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  });
  const at = keyOf(e);
  const known = wanted.has(at);
  if (known) wanted.delete(at);
  const inside = e === document.body || Boolean(e.closest("dialog"));
  return { blind: known && !ringed ? e.outerHTML.slice(0, 200) : null, inside };
}"""


@pytest.mark.parametrize("name", [pytest.param(one, marks=() if one in DIALOGS else pytest.mark.long) for one in PAGES])
def test_tab_reaches_everything_and_the_eye_sees_where_it_is(visits: Visits, name: str) -> None:
    page = visits.open(PAGES[name], "light")
    n = page.evaluate(REACHABLE)
    in_dialog = page.locator("dialog[open]").count() > 0
    for _ in range(2 * n + 4):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        assert found["blind"] is None
        assert found["inside"] or not in_dialog
    assert page.evaluate("[...wanted.values()]") == []
    page.context.close()


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_gives_the_focus_back_to_the_item(visits: Visits, name: str) -> None:
    page = visits.open(PAGES[name], "light")
    assert page.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#item")).to_be_focused()
    page.context.close()
