"""The main job, end to end, on real input: the verbs in the order in which a project uses them.

init, check, add, serve, answer, measure, conclude, review, release, report: the functions below, one a verb, are what
README and documentation tell. The answers are those of five anaesthetists on 45 patients (Dawid and Skene 1979).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from middlemost.agreement import Alpha
from middlemost.client import Client
from middlemost.consensus import DawidSkene
from middlemost.core.nouns import Item
from middlemost.core.roles import Role
from middlemost.demo.replay import Script, replay
from middlemost.demo.server import Running, running
from middlemost.errors import StateError
from middlemost.files.answers import read_answers
from middlemost.files.examples import example
from middlemost.project.add import add
from middlemost.project.check import check
from middlemost.project.conclude import conclude
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.measure import measure
from middlemost.project.people import invite
from middlemost.project.release import release
from middlemost.project.standing import standing
from middlemost.view.report import report
from middlemost.web.serve import listen

MARK = ".middlemost-demo"
SCAFFOLD = Path(__file__).parent / "project"
PUBLISHED_LOG_LIKELIHOOD = -190.731
N_REVIEWED = 5
PORT = 8700


class NotHeldError(StateError):
    """A step of the demo did not do what it must."""


def hold(condition: bool, otherwise: str) -> None:
    """Raise NotHeldError with the words of `otherwise` unless `condition` holds."""
    if not condition:
        raise NotHeldError(otherwise)


@dataclass
class Stage:
    """What the steps share: where things lie, the published table, and the screen."""

    folder: Path
    screen: Console
    step: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.folder / "project"

    def say(self, verb: str, words: str) -> None:
        """Tell what a step did."""
        self.step += 1
        self.screen.print(f"[bold]{self.step:>2}  {verb:<9}[/] {words}", highlight=False)


def run(folder: Path, *, once: bool, port: int | None, screen: Console) -> int:
    """Run every step in `folder`, made anew; then, unless `once`, leave the server up. Returns the exit code.

    Without a `port` it takes `PORT`, or a free one where that is in use. Raises StateError if `folder` holds something
    that is not a demo, or if the port that was asked for is in use.
    """
    stage = Stage(prepare(folder), screen)
    screen.print("[bold]middlemost demo[/]: five anaesthetists, 45 patients, 315 answers (Dawid and Skene 1979)\n")
    try:
        set_up(stage)
        with running(stage.project, usual_port(screen) if port is None else port) as server:
            collect_and_conclude(stage, server)
            if not once:
                leave_up(stage, server)
    except NotHeldError as error:
        screen.print(f"[bold]did not hold:[/] {error}", highlight=False)
        return 1
    return 0


def usual_port(screen: Console) -> int:
    """`PORT`; where something else listens there, 0, which takes a free one."""
    try:
        listen("127.0.0.1", PORT).close()
    except StateError:
        screen.print(f"    Port {PORT} is in use: the demo takes a free one.", highlight=False)
        return 0
    return PORT


def prepare(folder: Path) -> Path:
    """An empty folder with the demo's mark; an earlier demo in it is removed, anything else is left alone."""
    if folder.exists() and not folder.is_dir():
        raise StateError(f"{folder} is not a folder.", mend="Name another one.")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise StateError(f"{folder} holds something else than a demo.", mend="Name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


def set_up(stage: Stage) -> None:
    """init, check, add: a project from its protocol, and its items."""
    init(stage.project)
    for name in ("protocol.yaml", "guidelines.md"):
        shutil.copyfile(SCAFFOLD / name, stage.project / name)
    stage.say("init", f"a project from a protocol file: {stage.project / 'protocol.yaml'}")

    protocol = check(stage.project).protocol
    stage.say(
        "check", f"the protocol is in order: “{protocol.question.ask}”, one right label an item ({protocol.paradigm})"
    )

    with Project.open(stage.project) as project:
        added = add(project, patients())
    hold(added.new == 45, f"45 items were to be added, not {added.new}")
    stage.say("add", f"{added.new} items: the patients")


def collect_and_conclude(stage: Stage, server: Running) -> None:
    """serve, answer, measure, conclude, review, release, report: from a running server to a released data set."""
    stage.say("serve", f"the rater's page and the desk answer at {server.url}")
    hold(server.owner_link is not None, "the first run was to print a link for the owner")
    with Client.join(server.owner_link or "", "the lead") as owner:
        answer_all(stage, owner)
        with Project.open(stage.project) as project:
            agree(stage, project)
            label(stage, project)
            review_disputed(stage, project, owner)
            released = release(project, stage.folder / "release")
    files = sorted(path.name for path in released.iterdir())
    stage.say("release", f"{released}: {', '.join(files)}")
    tell_truth(stage, released)
    stage.screen.print(f"\nEvery step held, in {time.monotonic() - stage.started:.0f} seconds.")


def patients() -> Iterator[Item]:
    """The 45 items. The forms that the raters saw were not published."""
    for name in table()["item"].unique().sort():
        yield Item(name, f"{name.capitalize()}\nThe pre-operative form of this patient was not published.")


def table() -> pl.DataFrame:
    """The published answers: item, rater, round, answer."""
    return pl.read_csv(example("anaesthetists"), schema_overrides={"answer": pl.String})


def answer_all(stage: Stage, owner: Client) -> None:
    """Five raters join by invite link and send what they said in 1979; what the server holds is then exactly that."""
    rows = table()
    names = rows["rater"].unique().sort().to_list()
    rounds = {name: int(rows.filter(pl.col("rater") == name)["round"].n_unique()) for name in names}
    with ExitStack() as leaving, counted(stage, len(rows)) as advance, ThreadPoolExecutor(len(names)) as pool:
        signed = {name: leaving.enter_context(join_rater(owner, name, rounds[name])) for name in names}
        work = [pool.submit(replay, signed[name], script(rows, name), on_answer=advance) for name in names]
        acknowledged = sum(job.result() for job in work)
    hold(acknowledged == len(rows), f"{len(rows)} answers were to be acknowledged, not {acknowledged}")
    stage.say(
        "answer", f"{len(names)} raters joined by invite link, each blind to the others; {acknowledged} answers on disk"
    )


def join_rater(owner: Client, name: str, rounds: int) -> Client:
    """The owner makes a link for one rater, who joins by it."""
    return Client.join(owner.invite(name=name, rounds=rounds), name)


def script(rows: pl.DataFrame, name: str) -> Script:
    """What one rater said, by item and round."""
    own = rows.filter(pl.col("rater") == name)
    return {(item, turn): value for item, turn, value in own.select("item", "round", "answer").iter_rows()}


@contextmanager
def counted(stage: Stage, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar that goes when it is done."""
    columns = TextColumn("    [bold]answer[/]   "), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=stage.screen, transient=True) as bar:
        task = bar.add_task("answers", total=total)
        yield lambda: bar.advance(task)


def agree(stage: Stage, project: Project) -> None:
    """Agreement with its interval, on the server's answers."""
    alpha = next(found for found in measure(project) if found.name == Alpha.name)
    hold(alpha.low is not None, "agreement was to be measured with an interval")
    stage.say("measure", f"Krippendorff's alpha {alpha.estimate}: the raters agree, not perfectly")


def label(stage: Stage, project: Project) -> None:
    """Labels and who is good."""
    consensus = conclude(project)
    hold(consensus is not None and len(consensus.labels) == 45, "45 labels were to be concluded")
    if consensus is not None:
        best = consensus.raters.sort("accuracy", descending=True).row(0, named=True)
        share = f"{best['accuracy']:.0%} of the time (95 % interval {best['low']:.0%} to {best['high']:.0%})"
        praise = f"{best['rater']}, the best rater, is right {share}"
        stage.say("conclude", f"{len(consensus.labels)} labels; {praise}")


def review_disputed(stage: Stage, project: Project, owner: Client) -> None:
    """The most disputed patients get the paper's class, entered as the lead's review and marked as scripted."""
    published = dict(pl.read_csv(example("anaesthetists-consensus"), schema_overrides={"label": pl.String}).iter_rows())
    disputed = [row.item for row in standing(project).disputed[:N_REVIEWED]]
    for item in disputed:
        reason = "the class concluded by Dawid and Skene (1979)"
        owner.decide(item, published[item], reason)
    stage.say("review", f"{', '.join(disputed)}: the paper's class, entered as the lead's review (scripted)")


def tell_truth(stage: Stage, released: Path) -> None:
    """The report on the released answers, which also give the log-likelihood that the paper's estimation gives."""
    answers = read_answers(released / "answers.parquet")
    hold(len(answers) == 315, f"315 answers were to be released, not {len(answers)}")
    fitted = DawidSkene(smoothing=0).fit(answers).log_likelihood
    close = fitted is not None and abs(fitted - PUBLISHED_LOG_LIKELIHOOD) < 0.001
    hold(close, f"the log-likelihood is {fitted}, not {PUBLISHED_LOG_LIKELIHOOD}")
    page, *_ = report(released / "answers.parquet").write(stage.folder / "report.html")
    stage.say("report", f"{page}: log-likelihood {fitted:.3f}, as for the table of 1979")


def leave_up(stage: Stage, server: Running) -> None:
    """Print where to try it by hand, and wait."""
    with Project.open(stage.project) as project:
        links = fresh_links(project, server.url)
    stage.screen.print("\nThe server is up. To try it by hand (Ctrl-C ends; each link works once, and a browser window")
    stage.screen.print("holds one person: open the second in a private window):")
    for what, link in links.items():
        stage.screen.print(f"    {what:<14} {link}", highlight=False, soft_wrap=True)
    try:
        server.process.wait()
    except KeyboardInterrupt:
        stage.screen.print("\nEnded. Start it again with: " + f"middlemost serve {stage.project}", highlight=False)


def fresh_links(project: Project, address: str) -> dict[str, str]:
    """One link to the desk and one to a rater's page."""
    roles: dict[str, Role] = {"the desk": "lead", "a rater's page": "rater"}
    return {what: f"{address}/join/{invite(project, role=role)}" for what, role in roles.items()}
