"""Commands about calibration rounds, and about what raters are told of their answers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, emit, opened, screen
from middlemost.core.words import plural
from middlemost.errors import SettingError

if TYPE_CHECKING:
    from middlemost.core.calibrating import Calibration
    from middlemost.project.calibrated import RoundDetail
    from middlemost.project.feedback import Feedback

calibrate = typer.Typer(help="Calibration rounds: raters judge the same few items, to see how far they agree.")
feedback = typer.Typer(help="Feedback: tell a rater of answers that were decided otherwise, or a note.")
app.add_typer(calibrate, name="calibrate")
app.add_typer(feedback, name="feedback")

Number = Annotated[int, typer.Argument(help="The round's number; see `middlemost calibrate list`.")]
Raters = Annotated[list[str] | None, typer.Option("--rater", help="A pseudonym (several times); all if absent.")]


@calibrate.callback()
def calibrate_() -> None:
    """Calibration rounds: raters judge the same few items, to see how far they agree."""


@feedback.callback()
def feedback_() -> None:
    """Feedback: tell a rater of answers that were decided otherwise, or a note."""


@calibrate.command("begin")
def begin_round(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="What the round is called.")],
    purpose: Annotated[str, typer.Option(help="Why; raters read it.")],
    items: Annotated[int | None, typer.Option(help="So many items, drawn at random by the seed.")] = None,
    disputed: Annotated[int | None, typer.Option(help="So many of the most disputed items.")] = None,
    file: Annotated[Path | None, typer.Option(help="JSON Lines, CSV or Parquet: text [, label, why, id, ...].")] = None,
    seed: Annotated[int, typer.Option(help="What items are drawn by.")] = 0,
    raters: Raters = None,
    first: Annotated[bool, typer.Option("--first", help="It goes before their next item.")] = False,
    as_json: AsJson = False,
) -> None:
    """Begin a round: on items drawn at random, on the most disputed, or on those of a file."""
    from middlemost.project.calibrate import Chosen, begin

    with opened(folder) as project:
        chosen = Chosen(items, disputed, file, seed)
        made = begin(project, name, purpose, chosen, raters=raters or None, first=first)
    _tell(made, as_json)


@calibrate.command("list")
def list_rounds(folder: Folder, as_json: AsJson = False) -> None:
    """List the rounds."""
    from middlemost.project.calibrate import calibrations

    with opened(folder) as project:
        found = calibrations(project)
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        _tell(one, False)
    if not found:
        aside.print("There has been no calibration round yet.", markup=False)


@calibrate.command("show")
def show_round(folder: Folder, number: Number, as_json: AsJson = False) -> None:
    """Say who is done, how far raters agree, and on which items they part."""
    from middlemost.project.calibrated import calibrated

    with opened(folder) as project:
        found = calibrated(project, number)
    if as_json:
        emit(asdict(found))
    else:
        _show(found)


@calibrate.command("say")
def say_right(
    folder: Folder,
    number: Number,
    item: Annotated[str, typer.Argument(help="An item of the round.")],
    label: Annotated[str | None, typer.Option(help="What is right: an option.")] = None,
    why: Annotated[str | None, typer.Option(help="Why; raters read it when the round is closed.")] = None,
) -> None:
    """Say what is right of an item, and why, before the round is closed."""
    from middlemost.project.calibrate import say

    with opened(folder) as project:
        say(project, number, item, label, why)
    screen.print(f"kept: {item}", markup=False, highlight=False)


@calibrate.command("close")
def close_round(
    folder: Folder,
    number: Number,
    told: Annotated[
        bool | None, typer.Option("--feedback/--no-feedback", help="Whether its raters are told how it went.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a round, with feedback to its raters or without."""
    from middlemost.project.calibrate import close

    if told is None:
        raise SettingError("It is not said whether raters are told.", mend="Write --feedback or --no-feedback.")
    with opened(folder) as project:
        closed = close(project, number, feedback=told)
    _tell(closed, as_json)


@feedback.command("send")
def send_to_rater(
    folder: Folder,
    rater: Annotated[str, typer.Argument(help="A pseudonym (r-003).")],
    note: Annotated[str | None, typer.Option(help="A note in words.")] = None,
    items: Annotated[list[str] | None, typer.Option("--item", help="A decided item (several times).")] = None,
    number: Annotated[int | None, typer.Option("--round", help="The items are of this round, which is closed.")] = None,
) -> None:
    """Tell one rater of answers to items that were decided, or to items of a round; or only a note."""
    from middlemost.project.feedback import send_feedback

    with opened(folder) as project:
        send_feedback(project, rater, note, items or (), calibration=number)
    screen.print(f"told: {rater}", markup=False, highlight=False)


@feedback.command("list")
def list_feedback(
    folder: Folder, rater: Annotated[str, typer.Argument(help="A pseudonym (r-003).")], as_json: AsJson = False
) -> None:
    """Say what a rater was told and whether they have read it, and which answers decisions contradict."""
    from middlemost.project.feedback import mistaken, sent_to

    with opened(folder) as project:
        told, wrong = sent_to(project, rater), mistaken(project, rater)
    if as_json:
        emit({"told": [asdict(one) for one in told], "mistaken": [asdict(one) for one in wrong]})
        return
    for one in told:
        screen.print(_told(one), markup=False, highlight=False, soft_wrap=True)
    for it in wrong:
        screen.print(f"{it.item}  said {it.said}, decided {it.label}: {it.reason}", markup=False, highlight=False)
    if not (told or wrong):
        aside.print(f"{rater} was told nothing, and no decision contradicts them.", markup=False)


def _told(one: Feedback) -> str:
    about = f"round {one.calibration}" if one.calibration else plural(len(one.parts), "answer")
    read = "not read yet" if one.read_at is None else "read"
    return f"{one.number}  {about}{f': {one.note}' if one.note else ''}  ({read})"


def _tell(one: Calibration, as_json: bool) -> None:
    if as_json:
        emit(asdict(one))
        return
    ended = "with feedback" if one.feedback else "without feedback"
    state = f"open{', before the next item' if one.first else ''}" if one.is_open else f"closed {ended}"
    screen.print(f"{one.number}  {one.name}  {state}", markup=False, highlight=False)


def _show(found: RoundDetail) -> None:
    done = f"{found.done} of {plural(len(found.raters), 'rater')} done, {plural(found.total, 'item')}"
    screen.print(f"{found.calibration.name}: {done}", markup=False, highlight=False)
    for on in found.agreement:
        for one in on.agreement:
            screen.print(f"{on.question}  {one.name:<20}{one.estimate}", markup=False, highlight=False)
    for rater in found.raters:
        agrees = f", same as others {rater.agrees}" if rater.agrees else ""
        right = f", right {rater.n_right} of {rater.right.n} {rater.right}" if rater.right else ""
        screen.print(f"{rater.rater}  {rater.done} of {found.total}{agrees}{right}", markup=False, highlight=False)
    for item in found.items:
        said = ", ".join(f"{n}× {what}" for what, n in item.votes.items())
        screen.print(f"{item.id}  {said or 'nobody yet'}", markup=False, highlight=False, soft_wrap=True)
