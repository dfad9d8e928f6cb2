"""The command that looks at a file of answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from middlemost.cli.shared import AsJson, app, aside, emit, screen

if TYPE_CHECKING:
    pass


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
