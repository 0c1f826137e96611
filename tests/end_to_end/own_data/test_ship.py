"""`ship` turns the tickets of the documents into an endpoint, a function, and their HTTP APIs."""

import os
import pty
import re
import shlex
import subprocess
import sys
from dataclasses import replace

import pytest

from local_aws.testing import ROOT
from tests.account_state import state_of
from tests.end_to_end.own_data.shipped import Shipped, check_every_target, ship
from tests.end_to_end.release.watched import Watched
from tests.own_files import ENGLISH, write_csv
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import Scripts, command

TICKETS = ROOT / "docs" / "tickets.csv"
COLUMNS = ("--text", "body", "--label", "queue")
TEXTS = ["My card was charged twice.", "Where is my parcel?", "?", "Gr\u00fc\u00dfe \U0001f4e6"]
_PIPELINE = """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

def build(hyperparameters):
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10))
"""
# The fixture deploys twice. test_demo takes the same steps, and tests of commands read own files.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MODEL = ["upload", "train", "approve", "deploy", "invoke"]


@pytest.fixture(scope="module")
def shipped(local_aws, own_region) -> Shipped:
    """Ship the tickets in a region without a foundation."""
    scripts = Scripts(local_aws, own_region)
    return ship(scripts, TICKETS, "tickets", *COLUMNS, "--with-api")


def test_result_has_every_step_of_both_targets(shipped):
    result = shipped.ended.result
    assert KEYS["ship"] <= set(result)
    assert (result["recipe"], result["name"]) == ("text-linear", "tickets")
    assert list(shipped.steps) == ["setup", *MODEL, "lambda_deploy", "lambda_invoke"]


def test_table_has_the_seconds_of_every_step(shipped):
    table = shipped.ended.stderr.rsplit("step ", 1)[1].split("\n\n")[0].splitlines()[1:]
    names = [line.split("  ")[0].strip().replace(" ", "_") for line in table]
    assert names == [*shipped.steps, "total"]


def test_metrics_are_shown_next_to_the_largest_class(shipped):
    accuracy = shipped.steps["train"]["metrics"]["accuracy"]
    lines = shipped.ended.stderr.splitlines()
    (model,) = [line for line in lines if line.startswith("this model ")]
    (largest,) = [line for line in lines if line.startswith("always the largest class ")]
    assert model.split()[2] == f"{accuracy:.4f}"
    assert accuracy > float(largest.split()[4]) + 0.2


def test_guide_shows_what_is_printed(shipped):
    page = (ROOT / "docs" / "how-to" / "your-own-data.md").read_text(encoding="utf-8")
    transcript = page.split("```text\n")[1].split("```")[0].splitlines()
    printed = shipped.ended.stderr.replace("python -m scripts.", "newsgroup-classifier ")
    printed = printed.replace(f"{ROOT}/", "")
    lines = [line for line in transcript if not re.search(r"\d\.\d{3}|api_url", line)]
    assert len(lines) > 15
    assert [line for line in lines if line not in printed.splitlines()] == []


def test_every_target_gives_the_same_answer(shipped, tmp_path):
    answers = check_every_target(shipped, TEXTS, tmp_path)
    assert [answer["label"] for answer in answers[:2]] == ["billing", "shipping"]


def test_output_quotes_no_text_of_the_file(shipped):
    printed = shipped.ended.stderr + shipped.ended.stdout
    for text in ("password reset message", "bell", "two weeks ago"):
        assert text in TICKETS.read_text(encoding="utf-8")
        assert text not in printed


def test_every_command_that_is_printed_at_the_end_works(shipped):
    lines = shipped.ended.stderr.split("What you can do next:\n")[1].splitlines()
    commands = [line.strip() for line in lines]
    assert commands[-1].startswith("python -m scripts.delete ")
    kinds = [shlex.split(line)[0] for line in commands]
    assert {"export", "python", "curl"} == set(kinds)
    script = "\n".join(commands[:-1]).replace("python ", f"{sys.executable} ")
    ended = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        cwd=ROOT,
        env=shipped.scripts.environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count('"predictions"') == kinds.count("curl") + 3


def test_same_file_ships_again_and_uploads_nothing_twice(shipped):
    before = state_of(shipped.scripts)
    objects = shipped.scripts.list_objects(f"s3://{bucket_of(shipped)}/data/")
    again = ship(shipped.scripts, TICKETS, "tickets", *COLUMNS)
    assert shipped.scripts.list_objects(f"s3://{bucket_of(shipped)}/data/") == objects
    assert list(again.steps) == [*MODEL, "lambda_deploy", "lambda_invoke"]
    after = state_of(shipped.scripts)
    assert set(after["endpoints"]) == set(before["endpoints"])
    assert len(after["model_packages"]) == len(before["model_packages"]) + 1


def bucket_of(shipped: Shipped) -> str:
    uri: str = shipped.steps["upload"]["channels"]["train"]
    return uri.removeprefix("s3://").split("/")[0]


def test_no_at_the_prompt_deploys_nothing_and_prints_the_commands_that_are_left(shipped):
    before = state_of(shipped.scripts)
    leader, follower = pty.openpty()
    try:
        os.write(leader, b"n\n")
        ended = subprocess.run(
            command("ship", str(TICKETS), *COLUMNS),
            cwd=ROOT,
            env=shipped.scripts.environment,
            stdin=follower,
            capture_output=True,
            text=True,
        )
    finally:
        os.close(leader)
        os.close(follower)
    *_, done, approve, deploy, invoke, error = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert error.startswith("error: the model was not approved, so nothing was deployed; arn:aws:")
    assert done.startswith("Done: upload, train. To continue, run ship again, or these commands:")
    selection = "--recipe text-linear --name tickets"
    for line, name in ((approve, "approve"), (deploy, "deploy"), (invoke, "invoke")):
        assert line.startswith(f"  python -m scripts.{name} {selection}")
    after = state_of(shipped.scripts)
    assert after["endpoints"] == before["endpoints"]
    assert len(after["model_packages"]) == len(before["model_packages"]) + 1


def test_name_of_other_data_is_refused_before_training(shipped, tmp_path):
    path = write_csv(tmp_path / "tickets.csv", ENGLISH.rows(40), ("body", "queue"))
    before = state_of(shipped.scripts)
    error = ship(shipped.scripts, path, "tickets").ended.error
    assert error.startswith("the name tickets is in use for other data")
    assert "--replace" in error
    assert state_of(shipped.scripts) == before


def test_ctrl_c_in_training_stops_the_job_and_prints_the_commands_that_are_left(shipped, tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    words = (str(TICKETS), *COLUMNS, "--yes")
    watched = Watched(temporary, "ship", *words, **shipped.scripts.environment)
    watched.wait_for(": Training\n")
    watched.stop()
    assert watched.leaves_nothing()
    assert " is being stopped." in watched.stderr
    assert "Done: upload. To continue, run ship again, or these commands:" in watched.stderr
    assert "  python -m scripts.train --recipe text-linear --name tickets --yes" in watched.stderr


def test_pipeline_of_the_users_is_shipped_by_the_same_command(shipped, tmp_path):
    path = tmp_path / "my_model.py"
    path.write_text(_PIPELINE, encoding="utf-8")
    flags = ("--pipeline", f"{path}:build", *COLUMNS)
    own = ship(shipped.scripts, TICKETS, "tickets", *flags)
    assert own.ended.result["recipe"] == "my-model"
    assert own.steps["train"]["metrics"]["accuracy"] > 0.5
    own = replace(own, selection=("--recipe", "my-model", "--name", "tickets"))
    check_every_target(own, TEXTS, tmp_path)
    assert shipped.scripts.run("delete", *own.selection, "--packages").code == 0


def test_last_command_deletes_everything_of_the_data(shipped):
    line = shipped.ended.stderr.splitlines()[-1].strip()
    _, _, module, *words = shlex.split(line)
    assert shipped.scripts.run(module.removeprefix("scripts."), *words).code == 0
    after = state_of(shipped.scripts)
    assert not after["endpoints"]
    assert not after["models"]
    assert not after["model_packages"]
    assert not shipped.scripts.list_objects(f"s3://{bucket_of(shipped)}/data/own---tickets/")
