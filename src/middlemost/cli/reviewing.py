"""The command that draws items for somebody to decide on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, emit, opened, screen
from middlemost.core.words import plural

if TYPE_CHECKING:
    from middlemost.project.sample import Sample
    from middlemost.store.samples import Draw


@app.command()
def sample(
    folder: Folder,
    items: Annotated[int | None, typer.Argument(help="How many to draw; without it, how far the sample is.")] = None,
    seed: Annotated[int | None, typer.Option(help="What they are drawn by; drawn itself if absent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draw items at random to be decided blind on the desk: they say how many of all labels are wrong."""
    from middlemost.project.sample import draw, require_decidable
    from middlemost.project.sample import sample as sample_of

    with opened(folder) as project:
        require_decidable(project)
        made = None if items is None else draw(project, None, items, seed)
        found = sample_of(project)
    if as_json:
        emit(_as_json(found))
        return
    if made:
        drawn = f"{plural(made.n, 'item')} drawn at random out of {made.frame:,} with answers (seed {made.seed})."
        screen.print(f"{drawn} Decide them on the desk: /desk/sample", highlight=False)
    else:
        screen.print(_how_far(found), highlight=False)


def _as_json(found: Sample) -> dict[str, object]:
    draws = [_draw(one) | {"counts": one.id in found.counting} for one in found.draws]
    return {"draws": draws, "awaiting": list(found.awaiting), "frame": found.frame}


def _draw(one: Draw) -> dict[str, object]:
    said = asdict(one)
    return {name: said[name] for name in ("id", "seed", "frame", "n", "by", "at")} | {"decided": one.decided}


def _how_far(found: Sample) -> str:
    now = found.progress
    if now is None:
        return f"No sample has been drawn yet; there are {plural(found.frame, 'item')} to draw from."
    counts = f" {plural(now.counts, 'drawn item counts', 'drawn items count')} as gold." if now.counts else ""
    return f"{now.decided:,} of {plural(now.n, 'drawn item')} decided blind.{counts}"
