"""The command line: one clear message and exit code 2 for a mistake, results on standard output, the rest aside."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import middlemost as mm
from middlemost import demo
from middlemost.core.nouns import Submission
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join


@pytest.fixture
def project(run, tmp_path) -> Path:
    """A project with two items."""
    run("init", "p")
    (tmp_path / "items.jsonl").write_text('{"id": "a", "text": "one"}\n{"id": "b", "text": "two"}\n')
    run("add", "p", "items.jsonl")
    return tmp_path / "p"


def write(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


HEAD = "item,rater,answer\n"
GOOD = HEAD + "a,x,yes\na,y,yes\nb,x,no\nb,y,yes\n"
BAD_ANSWERS = {
    "an empty file": ("", ["empty"]),
    "a header alone": (HEAD, ["no answer"]),
    "wrong columns": ("itm,rater,verdict\na,x,yes\n", ["item", "verdict", "--"]),
    "an empty answer": (HEAD + "a,x,yes\nb,x,\n", ["line 3", "--missing drop"]),
    "a NaN answer": (HEAD + "a,x,yes\nb,x,NaN\n", ["line 3", "NaN"]),
    "mixed encodings": (HEAD.encode() + "a,x,café\n".encode() + "b,x,café\n".encode("latin-1"), ["line 3", "UTF-8"]),
    "a file broken off": (HEAD + 'a,x,yes\nb,x,"no', ["line 3"]),
    "too many fields": (HEAD + "a,x,yes\nb,x,no,maybe\n", ["line 3"]),
    "a label of 100,000 characters": (HEAD + "a,x," + "z" * 100_000 + "\n", ["line 2", "characters"]),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_file_that_cannot_be_used_is_one_message_with_its_place_and_nothing_is_written(run, case):
    content, words = BAD_ANSWERS[case]
    path = write("answers.csv", content)
    code, out, err = run("report", path)
    assert code == 2, (out, err)
    assert "answers.csv" in err
    assert all(word in err for word in words), err
    assert "Traceback" not in err
    assert len(err) < 2000
    assert not Path("report.html").exists()


def test_a_file_that_does_not_exist_is_said_so(run):
    code, _, err = run("report", "nowhere.csv")
    assert code == 2
    assert "nowhere.csv" in err


def test_a_broken_gzip_is_said_so(run):
    whole = gzip.compress(GOOD.encode() * 100)
    write("answers.csv.gz", whole[: len(whole) // 2])
    code, _, err = run("report", "answers.csv.gz")
    assert code == 2
    assert "answers.csv.gz" in err


def test_a_byte_order_mark_is_no_mistake(run):
    write("answers.csv", b"\xef\xbb\xbf" + GOOD.encode())
    assert run("report", "answers.csv")[0] == 0


def test_html_in_items_and_labels_is_text_on_the_page(run):
    write("answers.csv", HEAD + "<script>alert(1)</script>,x,<b>yes</b>\n<script>alert(1)</script>,y,<i>no</i>\n")
    assert run("report", "answers.csv")[0] == 0
    page = Path("report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<b>yes</b>" not in page
    assert "&lt;b&gt;yes&lt;/b&gt;" in page


def test_gold_with_an_unknown_label_or_item_is_reported_not_fatal(run):
    write("answers.csv", GOOD)
    write("gold.csv", "item,label\na,yes\nb,perhaps\nelsewhere,no\n")
    code, out, err = run("report", "answers.csv", "--gold", "gold.csv")
    assert code == 0, err
    assert "Traceback" not in out + err


def test_report_prints_json_alone_on_standard_output(run):
    shutil.copyfile(mm.example("anaesthetists"), "answers.csv")
    code, out, _ = run("report", "answers.csv", "--json")
    assert code == 0
    assert {"verdict", "written"} <= set(json.loads(out))


def test_a_report_that_may_not_be_written_is_refused_before_anything_is_measured(run):
    write("answers.csv", "not,a,file\nof,any,answers\n")
    write("thesis.html", "<!doctype html><title>chapter 1</title>")
    write("notes.csv", "day,mood\n")
    for words in (["-o", "thesis.html"], ["-o", "answers.csv"], ["--labels", "notes.csv"], ["--labels", "answers.csv"]):
        code, _, err = run("report", "answers.csv", *words)
        assert code == 2
        assert "left as it is" in err or "not written over" in err
        assert "column" not in err


def test_the_options_of_the_report_reach_it(run):
    rows = [f"i{i},r{r},{i * 3 + r}.5" for i in range(40) for r in range(3)]
    write("numbers.csv", HEAD + "\n".join(rows))
    write("raters.csv", "rater,country\nr0,UK\nr1,UK\nr2,FR\n")
    code, out, _ = run("report", "numbers.csv", "--groups", "raters.csv", "--labels", "labels.csv", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["kind"] == "numbers"
    assert list(found["breakdown"]["by_group"]) == ["country"]
    assert Path("labels.csv").read_text().startswith("item,estimate,low,high,n_answers\n")
    assert json.loads(run("report", "numbers.csv", "--kind", "choice", "--json")[1])["kind"] == "choice"
    write("sets.csv", HEAD + "a,x,p;q\na,y,q;p\nb,x,-\nb,y,-\n")
    found = json.loads(run("report", "sets.csv", "--separator", ";", "--empty", "-", "--json")[1])
    assert (found["kind"], found["data"]["labels"]) == ("sets", ["p", "q"])
    write("model.csv", "item,p,q\na,0.5,0.5\nb,0.5,0.5\n")
    code, _, err = run("report", "sets.csv", "--model", "model.csv")
    assert code == 2
    assert "without gold" in err


def test_check_names_every_mistake_of_a_protocol_with_line_and_column(run, project):
    path = project / "protocol.yaml"
    path.write_text(path.read_text().replace("paradigm: prescriptive", "paradigm: prescriptiv").replace("ask:", "aks:"))
    code, _, err = run("check", "p")
    assert code == 2
    assert "line" in err
    assert "column" in err
    assert "prescriptive" in err
    assert "ask" in err


def test_an_item_file_that_breaks_off_leaves_the_store_as_it_was(run, project):
    write("more.jsonl", '{"id": "c", "text": "three"}\n{"id": "d", "te')
    code, _, err = run("add", "p", "more.jsonl")
    assert code == 2
    assert "line 2" in err
    code, out, _ = run("check", "p", "--json")
    assert json.loads(out)["items"] == 2


def test_adding_the_same_items_again_adds_nothing(run, project):
    code, out, _ = run("add", "p", "items.jsonl", "--json")
    assert code == 0
    assert json.loads(out)["new"] == 0
    assert json.loads(out)["known"] == 2


def test_init_does_not_write_over_a_project(run, project):
    code, _, err = run("init", "p")
    assert code == 2
    assert "protocol.yaml" in err


def test_a_folder_that_is_no_project_is_said_so(run):
    code, _, err = run("measure", "nowhere")
    assert code == 2
    assert "middlemost init" in err


def test_a_port_in_use_is_said_so(run, project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, err = run("serve", "p", "--port", taken.getsockname()[1])
    assert code == 2
    assert "port" in err


def test_an_invite_is_a_link(run, project):
    code, out, _ = run("invite", "p", "--json")
    assert code == 0
    assert "/join/" in json.loads(out)["link"]


def test_a_token_is_made_listed_and_revoked(run, project):
    from middlemost.project.folder import Project
    from middlemost.project.people import invite, join

    with Project.open(project) as opened:
        lead = join(opened, invite(opened, role="lead"), "Grace").person
    assert [one["role"] for one in json.loads(run("users", project, "--json")[1])] == ["lead"]
    made = run("tokens", "make", project, "ci", "--for", lead.pseudonym, "--scope", "read", "--json")
    assert json.loads(made[1])["token"].startswith("mm_")
    assert run("tokens", "revoke", project, "ci")[0] == 0
    (listed,) = json.loads(run("tokens", "list", project, "--json")[1])
    assert (listed["name"], listed["scope"]) == ("ci", "read")
    assert listed["revoked_at"] is not None
    code, _, said = run("tokens", "make", project, "ci", "--for", "l-009", "--scope", "read")
    assert code == 2
    assert "l-009" in said


def test_a_link_is_for_a_thousand_people_at_most(run, project):
    code, _, err = run("invite", "p", "--uses", 1001)
    assert code == 2
    assert "less than or equal to 1000" in err
    assert run("invite", "p", "--uses", 1000)[0] == 0


def test_measuring_without_answers_says_that_there_are_none(run, project):
    assert run("measure", "p", "--json")[:2] == (0, "[]\n")
    code, out, err = run("measure", "p")
    assert (code, out) == (0, "")
    assert "no answers yet" in err


def test_a_database_that_is_none_is_said_so_with_a_way_out(run, project):
    for path in project.glob("middlemost.db*"):
        path.unlink()
    (project / "middlemost.db").write_text("dear diary, " * 100)
    code, _, err = run("measure", "p")
    assert code == 2
    assert "file is not a database" in err
    assert "move it away" in err


def test_releasing_twice_says_that_it_was_there(run, project):
    with Project.open(project) as opened:
        person = join(opened, invite(opened), "Ada").person
        answer(opened, person, Submission(next_assignments(opened, person)[0].id, "yes", "key"))
    assert run("release", "p", "out")[1].startswith("written: out")
    assert run("release", "p", "out")[1].startswith("already there: out")


def test_a_file_in_the_place_of_the_demo_is_left_alone(run):
    write("notes.txt", "mine")
    code, _, err = run("demo", "notes.txt")
    assert (code, Path("notes.txt").read_text()) == (2, "mine")
    assert "is not a folder" in err
    assert "Traceback" not in err


def test_the_demo_takes_a_free_port_where_its_usual_one_is_in_use(monkeypatch, free_port, capsys):
    monkeypatch.setattr(demo, "PORT", free_port)
    assert demo.usual_port(Console()) == free_port
    with socket.create_server(("127.0.0.1", free_port)):
        assert demo.usual_port(Console()) == 0
    assert f"Port {free_port} is in use" in capsys.readouterr().out


def test_priorities_and_what_is_said_of_raters_come_from_files(run, project):
    with Project.open(project) as opened:
        person = join(opened, invite(opened), "Ada").person
    write("first.csv", "item,priority\nb,2\n")
    assert run("prioritise", "p", "first.csv", "--json")[:2] == (0, '{\n  "items": 1\n}\n')
    write("raters.csv", "rater,language\nr-001,en\n")
    assert run("raters", "p", "raters.csv")[:2] == (0, "1 rater described as the file says.\n")
    assert run("raters", "p")[1] == "r-001  language: en\n"
    assert json.loads(run("raters", "p", "--json")[1]) == {"r-001": {"language": "en"}}
    with Project.open(project) as opened:
        assert next_assignments(opened, person, 1)[0].item.id == "b"
    write("first.csv", "item,priority\nb,2\nz,1\n")
    code, _, said = run("prioritise", "p", "first.csv")
    assert (code, "line 3" in said, "'z'" in said) == (2, True, True)


def test_a_calibration_round_goes_from_begin_to_feedback(run, project):
    with Project.open(project) as opened:
        join(opened, invite(opened), "Ada")
    begin = ("calibrate", "begin", project, "November", "--purpose", "We part on irony.", "--items")
    assert run(*begin, 1, "--first") == (0, "1  November  open, before the next item\n", "")
    code, _, said = run(*begin, 1)
    assert (code, "'November' already" in said) == (2, True)
    item = json.loads(run("calibrate", "show", project, 1, "--json")[1])["items"][0]["id"]
    assert run("calibrate", "say", project, 1, item, "--why", "Talk about it.")[0] == 0
    assert "0 of 1 rater done, 1 item" in run("calibrate", "show", project, 1)[1]
    code, _, said = run("calibrate", "close", project, 1)
    assert (code, "--no-feedback" in said) == (2, True)
    assert run("calibrate", "close", project, 1, "--feedback")[1] == "1  November  closed with feedback\n"
    assert run("calibrate", "list", project)[1] == "1  November  closed with feedback\n"
    assert run("feedback", "send", project, "r-001", "--note", "Hello.")[0] == 0
    told = json.loads(run("feedback", "list", project, "r-001", "--json")[1])["told"]
    assert [(one["note"], one["calibration"]) for one in told] == [("Hello.", None), (None, "November")]
    assert "not read yet" in run("feedback", "list", project, "r-001")[1]


def test_every_command_explains_itself():
    done = subprocess.run([sys.executable, "-m", "middlemost", "--help"], capture_output=True, text=True, check=True)
    for verb in "report init check add serve invite measure conclude release demo".split():
        assert verb in done.stdout


@pytest.fixture
def collected(run, tmp_path):
    """A project with an item and an answer."""
    run("init", "tone")
    (tmp_path / "items.csv").write_text("id,text\na,Hello\nb,Go away\n")
    run("add", "tone", "items.csv")
    with Project.open("tone") as project:
        ada = join(project, invite(project), "Ada").person
        answer(project, ada, Submission(next_assignments(project, ada, 1)[0].id, "yes", "key"))


@pytest.mark.usefixtures("collected")
def test_a_backup_goes_back_into_another_project_of_the_same_or_the_other_database(
    run, tmp_path, postgres, monkeypatch
):
    code, out, _ = run("backup", "tone", "--json")
    written = Path(json.loads(out)["file"])
    assert (code, written.parent, written.exists()) == (0, Path("tone"), True)
    assert run("backup", "tone", written)[0] == 2
    shutil.copytree("tone", "moved", ignore=shutil.ignore_patterns("*.db*"))
    monkeypatch.setenv("MIDDLEMOST_DATABASE_URL", postgres.create("moved"))
    assert run("restore", "moved", written)[0] == 0
    code, out, _ = run("doctor", "moved", "--json")
    assert (code, json.loads(out)["answers"], json.loads(out)["faults"]) == (0, 1, [])
    assert run("measure", "moved")[0] == 0
    assert not (tmp_path / "moved" / "middlemost.db").exists()
    code, _, err = run("restore", "moved", written)
    assert code == 2
    assert "is not empty" in err


@pytest.mark.usefixtures("collected")
def test_a_database_that_is_up_to_date_is_left_alone(run):
    code, out, _ = run("migrate", "tone", "--json")
    assert (code, json.loads(out)) == (0, {"changed": False, "kept": None})
    assert not list(Path("tone").glob("*-of-revision-*"))
    code, _, err = run("migrate", "nowhere")
    assert code == 2
    assert "There is no folder nowhere" in err


@pytest.mark.usefixtures("collected")
def test_a_project_whose_answers_are_elsewhere_is_not_begun_anew(run, tmp_path, postgres, monkeypatch):
    shutil.copytree("tone", "moved", ignore=shutil.ignore_patterns("*.db*"))
    (tmp_path / "url").write_text(f"{postgres.create('elsewhere')}\n")
    monkeypatch.setenv("MIDDLEMOST_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert run("add", "moved", "items.csv")[0] == 0
    monkeypatch.delenv("MIDDLEMOST_DATABASE_URL_FILE")
    for words in (["add", "moved", "items.csv"], ["check", "moved"], ["doctor", "moved"], ["backup", "moved"]):
        code, _, err = run(*words)
        assert code == 2
        assert "answers are in the database elsewhere on 127.0.0.1" in err
    assert not list((tmp_path / "moved").glob("*.db"))


def test_the_address_of_the_database_is_taken_from_one_place(run, tmp_path, monkeypatch):
    run("init", "tone")
    monkeypatch.setenv("MIDDLEMOST_DATABASE_URL_FILE", str(tmp_path / "nowhere"))
    assert "cannot be read" in run("check", "tone")[2]
    monkeypatch.setenv("MIDDLEMOST_DATABASE_URL", "postgresql://ada:hunter2@127.0.0.1/x")
    code, out, err = run("check", "tone")
    assert (code, out) == (2, "")
    assert "Leave one out" in err
    monkeypatch.delenv("MIDDLEMOST_DATABASE_URL_FILE")
    monkeypatch.setenv("MIDDLEMOST_DATABASE_URL", "mysql://ada:hunter2@127.0.0.1/x")
    code, out, err = run("check", "tone")
    assert (code, out) == (2, "")
    assert "hunter2" not in err


@pytest.mark.usefixtures("collected")
def test_doctor_names_what_is_amiss_and_ends_with_1(run):
    code, out, _ = run("doctor", "tone")
    assert code == 0
    assert out.startswith("all in order: 2 items, 1 answers, ")
    seal = out.split()[-1]
    assert run("doctor", "tone", "--seal", seal)[0] == 0
    with Project.open("tone") as project:
        project.store.write(lambda connection: connection.exec_driver_sql("UPDATE answer SET value = 'no'"))
        project.store.write(lambda connection: connection.exec_driver_sql("UPDATE item SET taken = 2 WHERE id = 'b'"))
    code, out, _ = run("doctor", "tone", "--seal", "0" * 64)
    assert code == 1
    assert "answer 1: the log says it was another" in out
    assert "item 'b': it counts 0 answers and 2 places taken; it has 0, and 0 lent" in out
    assert f"it has no seal {'0' * 64}" in out
    assert "3 faults" in out
    assert run("doctor", "nowhere")[0] == 2
