"""Calibration rounds and feedback in a real browser, by keyboard, in the dark, at 360 px."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from middlemost.core.nouns import Person, Submission
from middlemost.project.answer import answer
from middlemost.project.calibrate import Chosen, begin, close, judge, say, turn
from middlemost.project.calibrated import calibrated
from middlemost.project.feedback import feedback_to, send_feedback, sent_to
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join, person_named
from middlemost.project.qualify import Practice
from middlemost.project.review import review

from .conftest import focus

pytestmark = pytest.mark.browser
NARROW_AND_DARK = {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}}
WAYS = pytest.mark.parametrize("way", [{"color_scheme": "light"}, NARROW_AND_DARK], ids=["light", "narrow and dark"])


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def judge_all(project: Project, person: Person, *values: str) -> None:
    for value in values:
        task = turn(project, person).exercise
        assert task is not None
        judge(project, person, Practice(task.seq, value, f"{person.pseudonym} {task.seq}"))


def fits(page: Page) -> bool:
    """Whether nothing makes the page wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@WAYS
def test_a_rater_judges_a_round_by_keyboard_and_reads_how_it_went(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], project: Project, way: dict
) -> None:
    page = enter("Ada", **way)
    bob = join(project, invite(project), "Bob").person
    expect(page.locator("#item")).not_to_be_empty()
    made = begin(project, "November", "We part on irony.", Chosen(sample=2))
    page.reload()
    news = page.locator("#news")
    expect(news).to_contain_text("Calibration round November: 0 of 2 judged.")
    assert violations(page) == []
    assert fits(page)
    news.get_by_role("link", name="Begin").focus()
    press(page, "Enter")
    page.wait_for_url("**/calibration")
    expect(page.locator("#round")).to_contain_text("We part on irony.")
    expect(page.locator("#count")).to_have_text("round: 1 of 2")
    assert violations(page) == []
    assert fits(page)
    press(page, "2", "Enter")
    expect(page.locator("#count")).to_have_text("round: 2 of 2")
    expect(page.locator("#feedback")).to_be_hidden()
    press(page, "1", "Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert violations(page) == []
    press(page, "Enter")
    page.wait_for_url("**/rate")
    expect(news).to_be_empty()
    judge_all(project, bob, "kind", "kind")
    for one in calibrated(project, made.number).items:
        say(project, made.number, one.id, "kind", "It is <b>irony</b>.")
    close(project, made.number, feedback=True)
    page.reload()
    expect(news).to_contain_text("There is feedback for you.")
    news.get_by_role("link", name="Read it").focus()
    press(page, "Enter")
    page.wait_for_url("**/feedback")
    told = page.get_by_role("article", name="Calibration round November")
    expect(told).to_contain_text("You had 1 of 2 right.")
    expect(told).to_contain_text("You said Disrespectful")
    expect(told).to_contain_text("The others: 1× Respectful")
    expect(told).to_contain_text("Not quite: it is Respectful.")
    expect(told).to_contain_text("It is <b>irony</b>.")
    expect(page.locator("main")).not_to_contain_text("r-002")
    assert violations(page) == []
    assert fits(page)
    focus(page.get_by_role("button", name="I have read this"))
    press(page, "Enter")
    expect(page.get_by_role("status")).to_contain_text("noted that you have read this")
    page.reload()
    expect(told).to_contain_text("· read")
    expect(page.get_by_role("button")).to_have_count(0)
    assert feedback_to(project, person_named(project, "r-001"))[0].read_at is not None


def test_a_round_that_goes_first_comes_after_the_item_on_the_page_and_loses_no_answer(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter("Ada")
    expect(page.locator("#item")).not_to_be_empty()
    begin(project, "First", "The guidelines are new.", Chosen(sample=1), first=True)
    first = page.locator("#item").text_content()
    for _ in range(4):  # what lies ready may still be shown until the server is asked again
        if "/calibration" in page.url:
            break
        press(page, "1", "Enter")
        page.wait_for_timeout(400)
    page.wait_for_url("**/calibration")
    expect(page.locator("#count")).to_have_text("round: 1 of 1")
    press(page, "1", "Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    press(page, "Enter")
    page.wait_for_url("**/rate")
    expect(page.locator("#item")).not_to_be_empty()
    expect(page.locator("#count")).to_contain_text("answered")
    assert not page.locator("#count").text_content().startswith("0 ")  # type: ignore[union-attr]
    assert page.locator("#item").text_content() != first


def test_an_answer_that_comes_after_the_end_is_kept_and_the_rater_is_told_so(
    enter: Callable[..., Page], project: Project, violations: Callable[[Page], list[str]]
) -> None:
    page = enter("Ada")
    made = begin(project, "Short", "Quickly.", Chosen(sample=1))
    page.goto(page.url.replace("/rate", "/calibration"))
    expect(page.locator("#count")).to_have_text("round: 1 of 1")
    close(project, made.number, feedback=False)
    press(page, "1", "Enter")
    expect(page.get_by_role("heading", name="This round is closed")).to_be_visible()
    expect(page.locator("#state-words")).to_contain_text("it is kept, and not counted")
    assert violations(page) == []
    assert calibrated(project, made.number).late == 1


@WAYS
def test_a_lead_begins_looks_through_speaks_of_and_closes_a_round(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], project: Project, way: dict
) -> None:
    lead = enter("Lea", role="lead", **way)
    ada, bob = (join(project, invite(project), name).person for name in ("Ada", "Bob"))
    lead.get_by_role("link", name="Rounds").click()
    expect(lead.get_by_role("heading", name="There has been no calibration round yet.")).to_be_visible()
    assert violations(lead) == []
    assert fits(lead)
    lead.get_by_label("Name").fill("November")
    lead.get_by_label("Why? Raters read this").fill("We part on irony.")
    lead.get_by_label("How many").fill("99")
    lead.get_by_role("button", name="Begin").click()
    expect(lead.locator("#begin-words")).to_contain_text("There are only 6 items to choose from")
    lead.get_by_label("How many").fill("3")
    press(lead, "Enter")
    expect(lead.get_by_role("heading", name="November: 0 of 2 raters are done.")).to_be_visible()
    assert violations(lead) == []
    judge_all(project, ada, "kind", "kind", "kind")
    judge_all(project, bob, "rude", "kind", "kind")
    expect(lead.get_by_role("heading", name="November: 2 of 2 raters are done.")).to_be_visible(timeout=15_000)
    expect(lead.locator("#round")).to_contain_text("Krippendorff’s α")
    first = lead.get_by_role("article").first
    expect(first).to_contain_text("1× Respectful")
    first.get_by_text("All 2 answers").click()
    expect(first.get_by_role("row", name="r-002 Disrespectful")).to_be_visible()
    assert violations(lead) == []
    assert fits(lead)
    focus(first.get_by_role("button", name="Say what is right"))
    press(lead, "Enter")
    expect(lead.get_by_label("Right is")).to_be_focused()
    assert violations(lead) == []
    lead.get_by_label("Right is").select_option("kind")
    lead.get_by_label("Why? Raters read this").fill("It is irony.")
    lead.get_by_role("button", name="Keep it").click()
    expect(lead.get_by_role("article").first).to_contain_text("It is irony.")
    expect(lead.get_by_role("row", name="r-001 3 of 3")).to_contain_text("1 of 1")
    lead.get_by_role("button", name="Close with feedback").click()
    expect(lead.get_by_role("heading", name="Close the round?")).to_be_visible()
    assert violations(lead) == []
    lead.get_by_role("button", name="Close it").click()
    expect(lead.get_by_role("heading", name="November: closed, with feedback.")).to_be_visible()
    expect(lead.get_by_role("row", name="r-001 3 of 3")).to_contain_text("not read yet")
    expect(lead.get_by_role("button", name="Close with feedback")).to_have_count(0)
    assert violations(lead) == []
    assert [len(feedback_to(project, one)) for one in (ada, bob)] == [1, 1]
    lead.get_by_role("link", name="Calibration rounds").click()
    expect(lead.get_by_role("row", name="November")).to_contain_text("with feedback")


def test_a_lead_begins_a_round_with_a_file_and_is_told_its_mistakes(
    enter: Callable[..., Page], project: Project
) -> None:
    lead = enter("Lea", role="lead")
    join(project, invite(project), "Ada")
    lead.goto(lead.url.replace("/desk", "/desk/rounds"))
    lead.get_by_label("Name").fill("File")
    lead.get_by_label("Why? Raters read this").fill("Why not.")
    lead.get_by_label("a file").check()
    for text, said in (("text,label\nx,kindd\n", "(line 2)"), ("text,label\nx,kind\n", None)):
        lead.locator("[name=file]").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": text.encode()})
        lead.get_by_role("button", name="Begin").click()
        if said:
            expect(lead.locator("#begin-words")).to_contain_text(said)
            expect(lead.locator("#begin-words")).not_to_contain_text("r.csv")
    expect(lead.get_by_role("heading", name="File: 0 of 1 raters are done.")).to_be_visible()


@WAYS
def test_a_lead_tells_one_rater_of_answers_that_were_decided_otherwise(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], project: Project, way: dict
) -> None:
    ada = join(project, invite(project), "Ada").person
    for one in next_assignments(project, ada, 2):
        answer(project, ada, Submission(one.id, "rude", f"of {one.id}"))
    review(project, None, "i1", "kind", "It is meant well.")
    lead = enter("Lea", role="lead", **way)
    lead.get_by_role("link", name="Raters", exact=True).click()
    lead.get_by_role("link", name="r-001").click()
    expect(lead.get_by_role("heading", name="Feedback to r-001")).to_be_visible()
    assert violations(lead) == []
    assert fits(lead)
    lead.get_by_role("button", name="Send").click()
    expect(lead.locator("#feedback-words")).to_contain_text("There is nothing to tell.")
    lead.get_by_label("A note").fill("Look at section 2.")
    lead.get_by_role("checkbox").check()
    lead.get_by_role("button", name="Send").click()
    expect(lead.get_by_text("not read yet")).to_be_visible()
    assert violations(lead) == []
    (told,) = sent_to(project, "r-001")
    assert [one.item.id for one in told.parts] == ["i1"]
    send_feedback(project, "r-001", "And thank you.")
    assert len(sent_to(project, "r-001")) == 2
