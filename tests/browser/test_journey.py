"""The main journey: come in by a link, answer by keyboard, be seen on the desk."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

import pytest
from playwright.sync_api import Error, Page, expect

from middlemost.project.folder import Project
from middlemost.project.people import invite, person_named
from middlemost.project.progress import progress
from middlemost.project.standing import item_detail
from middlemost.store import editions
from middlemost.store.answers import every

pytestmark = pytest.mark.browser


def answer(page: Page, *keys: str) -> None:
    for key in keys:
        expect(page.locator("#work")).to_be_visible()
        before = page.locator("#item").text_content()
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        expect(page.locator("#item")).not_to_have_text(before or "", use_inner_text=False)


def test_a_rater_answers_by_keyboard_and_the_lead_sees_it_on_the_desk(
    enter: Callable[..., Page], finish: Callable[..., None], project: Project
) -> None:
    lead = enter("Grace", role="lead")
    expect(lead.locator("h1")).to_contain_text("6 items waiting for the first answer")
    lead.get_by_role("link", name="Raters", exact=True).click()
    lead.get_by_role("button", name="Make a link").click()
    expect(lead.get_by_label("Send this link")).to_be_visible()
    link = lead.get_by_label("Send this link").input_value()

    rater = lead.context.browser.new_context().new_page()
    rater.goto(link)
    rater.get_by_label("Your name").fill("Ada")
    rater.keyboard.press("Enter")
    expect(rater.locator("#item")).to_have_text("Nobody who has read the report could write this.")
    finish(rater, "2")
    rater.context.close()

    other = enter("Blaise")
    expect(other.locator("#work")).to_be_visible()
    finish(other, "1")

    lead.goto(lead.url.replace("/desk/raters", "/desk"))
    expect(lead.locator("h1")).to_contain_text("All 6 items have their answers", timeout=10_000)
    lead.get_by_role("link", name="i1").click()
    expect(lead.get_by_role("heading", name="2 answers, 2 opinions")).to_be_visible()
    lead.get_by_role("radio", name="Respectful", exact=False).first.check()
    lead.get_by_label("Why").fill("It speaks of the report.")
    lead.get_by_role("button", name="Decide").click()
    expect(lead.get_by_role("heading", name="Decided: Respectful")).to_be_visible()
    assert progress(project).answers == 12


def test_the_desk_follows_without_a_reload(enter: Callable[..., Page]) -> None:
    lead, rater = enter("Grace", role="lead"), enter("Ada")
    lead.evaluate("window.notReloaded = true")
    expect(rater.locator("#work")).to_be_visible()
    answer(rater, "1")
    expect(lead.locator("h1")).to_contain_text("1 of 12 answers", timeout=10_000)
    assert lead.evaluate("window.notReloaded")


def test_digits_and_arrows_choose_and_enter_without_a_choice_asks_for_one(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Choose an answer first.")).to_be_visible()
    page.keyboard.press("3")
    expect(page.get_by_role("radio", name="Neither")).to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Respectful").first).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Neither")).to_be_checked()
    page.keyboard.press("7")
    expect(page.get_by_role("radio", name="Neither")).to_be_checked()


def test_backspace_takes_back_the_last_answers_also_after_a_reload(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    answer(page, "1", "2")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    page.reload()
    expect(page.locator("#work")).to_be_visible()
    now = page.locator("#item").text_content()
    page.keyboard.press("Backspace")
    expect(page.get_by_text("You answered this before")).to_be_visible()
    expect(page.get_by_role("radio", name="Disrespectful")).to_be_checked()
    page.keyboard.press("Backspace")
    expect(page.locator("#item")).to_have_text("Nobody who has read the report could write this.")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("#item")).to_have_text(now or "")
    expect(page.get_by_text("You answered this before")).to_be_hidden()
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    expect(page.locator("#item")).to_have_text(now or "")
    assert progress(project).answers == 2


def test_s_skips_with_a_reason(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Why skip this item?")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#item")).to_contain_text("<b>bold</b>")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    page.keyboard.press("s")
    page.get_by_label("In your words").fill("2 of them, and S and G are letters")
    page.keyboard.press("Enter")
    expect(page.locator("#item")).to_contain_text("التقرير")
    page.wait_for_timeout(200)
    assert progress(project).skipped == 2


def test_guidelines_and_keys_open_by_key_and_close_by_escape(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    for key, title in (("g", "Guidelines"), ("?", "Keys")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_hidden()
    assert page.locator("#question input:checked").count() == 0


def test_single_keys_can_be_switched_off(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("g")
    assert page.locator("#question input:checked").count() == 0
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Respectful").first).to_be_checked()


def test_answers_wait_for_a_server_that_is_away_and_are_saved_when_it_is_back(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.context.set_offline(True)
    answer(page, "1", "2")
    expect(page.locator("#saves")).to_contain_text("2 answers not yet saved: retrying")
    assert progress(project).answers == 0
    leaving = []
    page.on("dialog", lambda dialog: (leaving.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert leaving == ["beforeunload"]
    page.context.set_offline(False)
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    assert progress(project).answers == 2


def test_the_page_never_calls_saved_what_the_server_has_not_acknowledged(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    held = []
    page.route("**/api/answers", lambda route: held.append(route))
    answer(page, "1")
    assert page.locator("#saves").text_content() == "saving 1 answer"
    page.wait_for_timeout(300)
    for route in held:
        route.continue_()
    expect(page.locator("#saves")).to_have_text("all answers saved")


def test_an_answer_whose_acknowledgement_was_lost_is_kept_once(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    lost = []

    def lose(route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/api/answers", lose)
    answer(page, "1")
    expect(page.locator("#saves")).to_contain_text("not yet saved")
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=10_000)
    assert lost == [201]
    assert progress(project).answers == 1


def test_a_rater_signed_out_elsewhere_loses_nothing(enter: Callable[..., Page], project: Project, server: str) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    answer(page, "1")
    expect(page.locator("#saves")).to_contain_text("you are signed out")
    page.context.add_cookies(cookies)
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    assert progress(project).answers == 1


def come_in(page: Page, server: str, project: Project, **settings: object) -> None:
    page.goto(f"{server}/join/{invite(project, **settings)}")
    page.keyboard.press("Enter") if page.get_by_label("Your name").count() else page.get_by_role("button").first.click()
    page.wait_for_url("**/rate")


def test_answers_wait_where_somebody_else_has_come_in_by_the_same_browser(
    enter: Callable[..., Page], project: Project, server: str
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    answer(page, "1")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    come_in(page.context.new_page(), server, project, name="Blaise")
    page.bring_to_front()
    answer(page, "2", "2")
    expect(page.locator("#saves")).to_contain_text(
        "2 answers not yet saved: this browser is now r-002: open your own link again in another window"
    )
    expect(page.locator("#count")).to_have_text("3 answered · 3 left")
    assert progress(project).answers == 1

    come_in(page.context.new_page(), server, project, person=person_named(project, "r-001"))
    page.bring_to_front()
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    assert progress(project).answers == 3
    assert {one.rater for item in ("i1", "i2", "i3") for one in item_detail(project, item).answers} == {"r-001"}


def test_an_answer_that_is_refused_is_not_counted_and_comes_again(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#count")).to_have_text("0 answered · 6 left")
    refusal = {"status": 422, "json": {"detail": "No such option."}}
    page.route("**/api/answers", lambda route: route.fulfill(**refusal), times=1)
    answer(page, "1")
    expect(page.get_by_text("was not taken: No such option.")).to_be_visible()
    expect(page.locator("#count")).to_have_text("0 answered · 6 left")
    answer(page, "1")
    expect(page.locator("#item")).to_have_text("Nobody who has read the report could write this.")
    answer(page, "1")
    expect(page.locator("#count")).to_have_text("2 answered · 4 left")
    expect(page.locator("#saves")).to_have_text("all answers saved")


def test_what_is_not_saved_survives_a_reload_and_is_sent_once(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.route("**/api/answers", lambda route: route.abort())
    answer(page, "1", "2")
    expect(page.locator("#saves")).to_contain_text("2 answers not yet saved")
    now = page.locator("#item").text_content()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#item")).to_have_text(now or "", use_inner_text=False)
    expect(page.locator("#saves")).to_contain_text("2 answers not yet saved")
    page.keyboard.press("Backspace")
    expect(page.get_by_role("radio", name="Disrespectful")).to_be_checked()
    page.keyboard.press("Escape")
    page.unroute("**/api/answers")
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    assert progress(project).answers == 2
    page.reload()
    expect(page.locator("#count")).to_have_text("2 answered · 4 left")


def test_five_minutes_offline_lose_nothing(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Ada")
    page.clock.install()
    page.reload()
    expect(page.locator("#count")).to_have_text("0 answered · 6 left")
    expect(page.locator("#work")).to_be_visible()
    page.context.set_offline(True)
    answer(page, "1", "2", "3")
    page.clock.run_for(5 * 60_000)
    expect(page.locator("#saves")).to_contain_text("3 answers not yet saved: retrying")
    page.context.set_offline(False)
    page.clock.run_for(20_000)
    expect(page.locator("#saves")).to_have_text("all answers saved")
    assert progress(project).answers == 3


def test_a_page_that_was_closed_offline_sends_what_it_left_when_it_is_opened_again(
    enter: Callable[..., Page], project: Project, server: str
) -> None:
    """The page itself is not kept for offline: until the server is back there is none, and nothing is lost by that."""
    page = enter("Ada")
    context = page.context
    expect(page.locator("#work")).to_be_visible()
    context.set_offline(True)
    answer(page, "1", "2")
    page.keyboard.press("3")
    half = page.locator("#item").text_content() or ""
    expect(page.locator("#saves")).to_contain_text("2 answers not yet saved: retrying")
    page.close()
    again = context.new_page()
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        again.goto(f"{server}/rate")
    context.set_offline(False)
    again.goto(f"{server}/rate")
    expect(again.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    expect(again.locator("#item")).to_have_text(half, use_inner_text=False)
    expect(again.get_by_role("radio", name="Neither")).to_be_checked()
    assert progress(project).answers == 2
    said = {item: [one.value for one in item_detail(project, item).answers] for item in ("i1", "i2")}
    assert said == {"i1": ["kind"], "i2": ["rude"]}


def test_a_half_given_answer_survives_a_reload_and_nobody_else_sees_it(
    enter: Callable[..., Page], project: Project, server: str
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("2")
    page.reload()
    expect(page.get_by_role("radio", name="Disrespectful")).to_be_checked()
    come_in(page, server, project, name="Blaise")
    expect(page.locator("#item")).to_have_text("Nobody who has read the report could write this.")
    assert page.locator("#question input:checked").count() == 0


def saved_by(project: Project, raters: set[str]) -> None:
    """Wait until the first item has answers by these: the page may say of the answer before that it is saved."""
    until = monotonic() + 10
    while (found := {one.rater for one in item_detail(project, "i1").answers}) != raters and monotonic() < until:
        sleep(0.05)
    assert found == raters


def test_another_rater_of_the_same_browser_does_not_send_what_the_first_left(
    enter: Callable[..., Page], project: Project, server: str
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.route("**/api/answers", lambda route: route.abort())
    answer(page, "1")
    page.on("dialog", lambda dialog: dialog.accept())
    come_in(page, server, project, name="Blaise")
    page.unroute("**/api/answers")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    answer(page, "2")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    saved_by(project, {"r-002"})
    come_in(page, server, project, person=person_named(project, "r-001"))
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    saved_by(project, {"r-001", "r-002"})


def test_f_flags_an_item_for_the_lead_and_leaves_it_to_be_answered(enter: Callable[..., Page]) -> None:
    page, lead = enter("Ada"), enter("Grace", role="lead")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say in a few words")).to_be_visible()
    page.keyboard.type("2 questions in 1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Flagged. The lead will see your note")).to_be_visible()
    expect(page.locator("#item")).to_have_text("Nobody who has read the report could write this.")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    expect(lead.get_by_text("2 questions in 1")).to_be_visible(timeout=10_000)


def test_time_stands_still_while_paused(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.keyboard.press("1")
    page.wait_for_timeout(1500)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Paused")).to_be_hidden()
    answer(page, "1")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    spent = item_detail(project, "i1").answers[0].active_ms
    assert spent is not None
    assert spent < 1500


def test_a_rater_corrects_one_of_their_earlier_answers_from_the_list(
    enter: Callable[..., Page], project: Project, violations: Callable[[Page], list[str]]
) -> None:
    page = enter("Ada")
    for _ in range(3):
        expect(page.locator("#work")).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    page.get_by_role("link", name="Your answers").click()
    rows = page.locator(".own li")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("Nobody who has read")
    assert violations(page) == []
    rows.nth(2).get_by_role("link", name="Correct it").click()
    expect(page.locator("#item")).to_have_text("Nobody who has read the report could write this.")
    expect(page.locator("#correcting")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    expect(page.locator("#correcting")).to_be_hidden()
    page.get_by_role("link", name="Your answers").click()
    expect(rows.first).to_contain_text("Disrespectful")
    expect(rows.first).to_contain_text("corrected")


def test_a_rater_is_shown_what_changed_in_the_guidelines_once(
    enter: Callable[..., Page], project: Project, violations: Callable[[Page], list[str]]
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    text = "# Respect\n\nRead *most* of it. <b>Now</b>\n\n## Section 2\n\nInsults.\n"
    version = project.store.write(editions.adopt_guidelines, text, now=1.0)
    object.__setattr__(project, "guidelines", text)
    object.__setattr__(project, "guideline_version", version)
    page.reload()
    expect(page.locator("#changed")).to_be_visible()
    page.get_by_role("button", name="See what changed").click()
    expect(page.locator("#changes ins").first).to_have_text("*most*")
    expect(page.locator("#changes del").first).to_have_text("*all*")
    expect(page.locator("#changes")).to_contain_text("<b>Now</b>")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#work")).to_be_visible()
    expect(page.locator("#changed")).to_be_hidden()


def test_a_page_is_loaded_anew_between_two_items_when_the_questions_change(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter("Ada")
    expect(page.locator("#item")).to_contain_text("Nobody who has read")
    path = project.folder / "protocol.yaml"
    path.write_text(path.read_text("utf-8").replace("label: Respectful}", "label: Kind and fair}"), "utf-8")
    Project.open(project.folder).close()
    expect(page.get_by_text("Respectful", exact=True)).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    for _ in range(2):  # the server looks every half second, and the page hears of it when it asks for more
        page.wait_for_timeout(600)
        if page.get_by_text("Kind and fair").is_visible():
            break
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    expect(page.get_by_text("Kind and fair")).to_be_visible()
    expect(page.locator("#hint")).to_contain_text("The questions or the guidelines have changed")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    given = project.store.read(every)
    assert len(given) >= 1
    assert {row.protocol_hash for row in given} == {project.protocol_hash}
