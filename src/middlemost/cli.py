"""The command line: one command a verb, each a thin call of the function that the library and the server call too.

Results go to standard output, or as JSON with `--json`; notices, progress and errors to standard error. Exit code 0
when all is well, 2 for a mistake that the user can mend (the message says how), 1 where a check did not hold.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from middlemost.core.nouns import Role
from middlemost.core.words import plural
from middlemost.errors import InputError, MiddlemostError, ProtocolError, SettingError
from middlemost.version import __version__

if TYPE_CHECKING:
    from middlemost.project.folder import Project
    from middlemost.web.serve import Address

DATABASE_URL = "MIDDLEMOST_DATABASE_URL"

app = typer.Typer(
    name="middlemost",
    help="From people's answers to labels that can be trusted, with how far and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
screen = Console()
aside = Console(stderr=True)

Folder = Annotated[Path, typer.Argument(help="The project's folder.")]
Asked = Annotated[str | None, typer.Option("--question", help="Which question; the first if absent.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def main() -> None:
    """Run the command line; a mistake of the user is one message and exit code 2, never a stack trace."""
    try:
        app()
    except ProtocolError as error:
        aside.print(f"{len(error.problems)} to mend:", style="bold", highlight=False)
        for problem in error.problems:
            complain(problem)
        raise SystemExit(2) from None
    except MiddlemostError as error:
        complain(error)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def complain(error: MiddlemostError) -> None:
    """Print one mistake: the place, what is wrong, how to mend it."""
    if error.place and str(error.place):
        aside.print(str(error.place), style="bold", markup=False, highlight=False)
    aside.print(error.message, markup=False, highlight=False)
    if error.mend:
        aside.print(error.mend, style="green", markup=False, highlight=False)


def emit(value: Any) -> None:
    """Print `value` as JSON on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def database_url() -> str | None:
    """The database that the environment names: in MIDDLEMOST_DATABASE_URL, or in the file that its _FILE names."""
    url, file = os.environ.get(DATABASE_URL), os.environ.get(f"{DATABASE_URL}_FILE")
    if url and file:
        raise SettingError(f"Both {DATABASE_URL} and {DATABASE_URL}_FILE are set.", mend="Leave one out.")
    if not file:
        return url or None
    try:
        return Path(file).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{DATABASE_URL}_FILE names a file that cannot be read: {error}.") from error


def opened(folder: Path) -> Project:
    """The project in `folder`, with the database that the environment names."""
    from middlemost.project.folder import Project

    return Project.open(folder, database=database_url())


@app.command()
def report(
    answers: Annotated[Path, typer.Argument(help="CSV (also .gz), JSON Lines or Parquet: item, rater, answer.")],
    gold: Annotated[Path | None, typer.Option(help="Known labels: item, label [, drawn].")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.")] = Path("report.html"),
    labels: Annotated[Path | None, typer.Option(help="Write what is concluded to this CSV file, too.")] = None,
    kind: Annotated[
        Literal["choice", "numbers", "sets"] | None,
        typer.Option(help="choice, numbers or sets: what the answers are; if absent, what they look like."),
    ] = None,
    separator: Annotated[str | None, typer.Option(help="What stands between the labels of a set: |")] = None,
    empty: Annotated[str | None, typer.Option(help="The answer that stands for a set without labels.")] = None,
    groups: Annotated[
        Path | None, typer.Option(help="Groups of raters (or items): rater, and a column a grouping.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A model's probabilities: item, and a column a label; needs gold.")
    ] = None,
    item: Annotated[str | None, typer.Option(help="Name of the column with the items.")] = None,
    rater: Annotated[str | None, typer.Option(help="Name of the column with the raters.")] = None,
    answer: Annotated[str | None, typer.Option(help="Name of the column with the answers.")] = None,
    question: Annotated[str | None, typer.Option(help="Which question, where the file has several.")] = None,
    repeats: Annotated[
        Literal["all", "last"] | None, typer.Option(help="all or last: what counts of a rater's repeated answers.")
    ] = None,
    missing: Annotated[
        Literal["error", "drop"], typer.Option(help="error or drop: what to do with rows that have no answer.")
    ] = "error",
    as_json: AsJson = False,
) -> None:
    """Thirty seconds to the truth about a file of answers: may one train on it, and what is in the way?"""
    from middlemost.view.report import report as make_report
    from middlemost.view.report import require_free, require_free_for_labels
    from middlemost.view.terminal import show

    named = {"item": item, "rater": rater, "answer": answer}
    columns = {noun: column for noun, column in named.items() if column is not None}
    sources = [path for path in (answers, gold, groups, model) if path is not None]
    require_free(output, *sources)
    if labels is not None:
        require_free_for_labels(labels, *sources)
    with aside.status("reading, measuring, concluding"):
        result = make_report(
            answers,
            gold,
            kind=kind,
            separator=separator,
            empty=empty,
            groups=groups,
            model=model,
            columns=columns,
            question=question,
            repeats=repeats,
            missing=missing,
        )
        written = result.write(output, labels=labels)
    if as_json:
        emit(result.json() | {"written": [str(path) for path in written]})
    else:
        show(result.study, screen, written)


@app.command()
def init(
    folder: Folder,
    name: Annotated[str | None, typer.Option(help="The project's name; the folder's if absent.")] = None,
) -> None:
    """Scaffold a project: protocol.yaml with its schema for editors, and guidelines.md."""
    from middlemost.project.init import init as init_project

    protocol = init_project(folder, name)
    screen.print(f"written: {protocol}", markup=False, highlight=False, soft_wrap=True)
    screen.print(f"Edit it and guidelines.md, then: middlemost check {folder}", markup=False, highlight=False)


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Say what is wrong in a project's protocol, with line and column, or that nothing is."""
    from middlemost.project.check import check as check_project

    checked = check_project(folder, database=database_url())
    if as_json:
        emit({"name": checked.protocol.name, "items": checked.items, "answers": checked.answers, "ok": True})
        return
    for notice in checked.notices:
        aside.print(notice, markup=False, highlight=False)
    first, *more = checked.protocol.questions
    asked = f"{len(first.shown())} options" if first.shown() else first.type
    others = f", {len(more)} more questions" if len(more) > 1 else ", 1 more question" if more else ""
    screen.print(
        f"{checked.protocol.name}: the protocol is in order. {first.ask} ({asked}{others}, "
        f"{checked.protocol.collection.answers_per_item} answers an item; {checked.items:,} items, "
        f"{checked.answers:,} answers so far)",
        markup=False,
        highlight=False,
    )


@app.command()
def add(
    folder: Folder,
    items: Annotated[Path | None, typer.Argument(help="JSON Lines, CSV or Parquet: text [, id, ...].")] = None,
    gold: Annotated[Path | None, typer.Option(help="Known labels: item, label [, drawn].")] = None,
    drawn: Annotated[
        Literal["random", "chosen"] | None, typer.Option(help="random or chosen: how the gold was drawn.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import items, and gold: all of a file or nothing; what is already there stays as it is."""
    from middlemost.project.add import add as add_items

    if items is None and gold is None:
        raise InputError("There is nothing to add.", mend="Name a file of items, or --gold and a file of known labels.")
    with opened(folder) as project, aside.status("adding"):
        added = add_items(project, items, gold=gold, drawn=drawn)
    if as_json:
        emit(asdict(added))
    else:
        screen.print(f"{added.new:,} items added, {added.known:,} were there already, {added.gold:,} gold labels.")


@app.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(envvar="MIDDLEMOST_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="MIDDLEMOST_PORT", min=0, max=65535, help="0: any free one.")] = 8700,
    as_json: AsJson = False,
) -> None:
    """Serve the rater's page and the desk; the first run prints a one-time link for the owner."""
    from middlemost.web.serve import serve as serve_project

    serve_project(
        folder, host=host, port=port, announce=announce_json if as_json else announce, database=database_url()
    )


def announce(address: Address) -> None:
    """Say where the server is."""
    screen.print(f"desk and rater's page: {address.url}  (stop with Ctrl-C)", markup=False, highlight=False)
    if address.owner_link:
        screen.print("Sign in as the owner with this link; it works once:", markup=False)
        screen.print(address.owner_link, markup=False, highlight=False, soft_wrap=True)


def announce_json(address: Address) -> None:
    """The same, one JSON line for scripts."""
    sys.stdout.write(json.dumps(asdict(address)) + "\n")
    sys.stdout.flush()


@app.command()
def invite(
    folder: Folder,
    role: Annotated[Role, typer.Option(help="owner, lead or rater.")] = "rater",
    name: Annotated[str | None, typer.Option(help="For whom, where the link is for one person.")] = None,
    uses: Annotated[int, typer.Option(min=1, max=1000, help="How many people may join by it.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often this rater answers each item.")] = 1,
    again: Annotated[str | None, typer.Option(help="A pseudonym (r-003): a new link for somebody who joined.")] = None,
    base: Annotated[str, typer.Option(help="The address of the server.")] = "http://127.0.0.1:8700",
    as_json: AsJson = False,
) -> None:
    """Make a link by which raters or leads join, or somebody who joined signs in again."""
    from middlemost.project import people

    with opened(folder) as project:
        person = people.person_named(project, again) if again else None
        token = people.invite(project, role=role, name=name, uses=uses, rounds=rounds, person=person)
    link = f"{base.rstrip('/')}/join/{token}"
    if as_json:
        emit({"link": link})
    else:
        screen.print(link, markup=False, highlight=False, soft_wrap=True)


@app.command()
def prioritise(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="CSV, JSON Lines or Parquet: item, priority; higher ones come first.")],
    as_json: AsJson = False,
) -> None:
    """Say which items come first, while raters work: all of a file or nothing."""
    from middlemost.project.assign import prioritise as prioritise_items

    with opened(folder) as project, aside.status("putting items in line"):
        n = prioritise_items(project, file)
    if as_json:
        emit({"items": n})
    else:
        screen.print(f"{plural(n, 'item')} in line as the file says.", highlight=False)


@app.command()
def raters(
    folder: Folder,
    file: Annotated[
        Path | None, typer.Argument(help="Columns: rater (r-001), and one for each thing that is said of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of raters what quotas and exclusions go by (a language, the author's name); without a file, what is said."""
    from middlemost.project.assign import describe_raters, said_of_raters

    with opened(folder) as project:
        n = describe_raters(project, file) if file else 0
        said = said_of_raters(project)
    if as_json:
        emit(said)
    elif file:
        screen.print(f"{plural(n, 'rater')} described as the file says.", highlight=False)
    else:
        for pseudonym, values in sorted(said.items()):
            words = ", ".join(f"{name}: {value}" for name, value in sorted(values.items()))
            screen.print(f"{pseudonym}  {words}", markup=False, highlight=False)


@app.command()
def measure(folder: Folder, question: Asked = None, as_json: AsJson = False) -> None:
    """Measure how far the raters of a project agree."""
    from middlemost.project.measure import measure as measure_project

    with opened(folder) as project:
        agreements = measure_project(project, question)
    if as_json:
        emit([asdict(agreement) for agreement in agreements])
        return
    if not agreements:
        aside.print("There are no answers yet whose agreement could be measured.")
    for agreement in agreements:
        note = f"  {agreement.note}" if agreement.note else ""
        screen.print(f"{agreement.name:<20}{agreement.estimate}{note}", markup=False, highlight=False)


@app.command()
def conclude(folder: Folder, question: Asked = None, as_json: AsJson = False) -> None:
    """Conclude the labels of a project: one row an item, the lead's decisions applied."""
    from middlemost.project.conclude import labels

    with opened(folder) as project:
        table = labels(project, question)
    if as_json:
        emit(table.to_dicts())
    else:
        sys.stdout.write(table.write_csv())


@app.command()
def release(
    folder: Folder,
    output: Annotated[Path, typer.Argument(help="The folder to write; it must not hold anything else.")],
    as_json: AsJson = False,
) -> None:
    """Write the data set with its datasheet and hashes: the same project gives the same bytes."""
    from middlemost.files.release import MANIFEST
    from middlemost.project.release import release as release_project

    there = (output / MANIFEST).exists()
    with opened(folder) as project, aside.status("releasing"):
        written = release_project(project, output)
    files = sorted(path.name for path in written.iterdir())
    if as_json:
        emit({"folder": str(written), "files": files})
    else:
        said = "already there" if there else "written"
        screen.print(f"{said}: {written} ({', '.join(files)})", markup=False, highlight=False, soft_wrap=True)


@app.command()
def backup(
    folder: Folder,
    output: Annotated[
        Path | None, typer.Argument(help="A new file; named by the time, in the folder, if absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy everything that was collected to one file, while work goes on; from SQLite and PostgreSQL alike."""
    from middlemost.project.database import back_up

    with aside.status("copying"):
        written = back_up(folder, output, database=database_url())
    if as_json:
        emit({"file": str(written)})
    else:
        screen.print(f"written: {written}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def restore(
    folder: Folder, file: Annotated[Path, typer.Argument(help="What backup wrote, or another project's middlemost.db.")]
) -> None:
    """Put a backup back into a project that has collected nothing, on SQLite or PostgreSQL."""
    from middlemost.project.database import restore as restore_project

    with aside.status("copying"):
        restore_project(folder, file, database=database_url())
    screen.print(f"restored: {file}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def doctor(
    folder: Folder,
    seal: Annotated[str | None, typer.Option(help="One that doctor told earlier: the log must still have it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether what was collected is whole and is what was written: counters, audit log. Exit code 1 if not."""
    from middlemost.project.doctor import doctor as look_through

    with aside.status("looking through the database"):
        found = look_through(folder, seal=seal, database=database_url())
    if as_json:
        emit(asdict(found))
    else:
        for fault in found.faults:
            screen.print(fault, markup=False, highlight=False, soft_wrap=True)
        say = f"{len(found.faults):,} faults" if found.faults else "all in order"
        screen.print(
            f"{say}: {found.items:,} items, {found.answers:,} answers, {found.events:,} events in the audit log. "
            f"Its seal: {found.seal}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    raise typer.Exit(1 if found.faults else 0)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo's project lies; made anew at each run.")] = Path(
        "demo"
    ),
    once: Annotated[bool, typer.Option("--once", help="End when the steps are done.")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="8700, or a free one where that is in use; 0: any free one.")
    ] = None,
) -> None:
    """The main job on real input: 45 patients, five anaesthetists (Dawid and Skene 1979), through a running server."""
    from middlemost.demo import run

    raise SystemExit(run(folder, once=once, port=port, screen=screen))


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False,
) -> None:
    """From people's answers to labels that can be trusted, with how far and why."""
    if show:
        screen.print(f"middlemost {__version__}", highlight=False)
        raise typer.Exit
