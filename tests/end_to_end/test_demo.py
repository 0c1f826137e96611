"""The demo without data and network marks its metrics, and leaves no process or file."""

import json
import re
import time
from pathlib import Path

import pytest

from tests.end_to_end.release.watched import Watched
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import clean_environment, offline

pytestmark = pytest.mark.slow

ROUTE = ["upload", "train", "approve", "deploy", "invoke"]
STEPS = ["local AWS", "setup", *ROUTE, *(f"lambda {step}" for step in ROUTE)]
MARK = "generated sample"


def start(tmp_path: Path, *arguments: str, **variables: str) -> Watched:
    """Start the demo with an empty cache and without a network."""
    temporary, cache = tmp_path / "tmp", tmp_path / "cache"
    temporary.mkdir()
    environment = clean_environment() | offline() | {"XDG_CACHE_HOME": str(cache)}
    return Watched(temporary, "demo", *arguments, **(environment | variables))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run the demo with --keep in an environment with a user's own AWS settings; stop it."""
    variables = {
        "AWS_PROFILE": "nobody",
        "AWS_DEFAULT_PROFILE": "nobody",
        "NEWSGROUP_CLASSIFIER_STACK": "my-stack",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "NEWSGROUP_CLASSIFIER_BUCKET": "my-bucket",
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": "my-role",
    }
    watched = start(tmp_path_factory.mktemp("demo"), "--keep", **variables)
    watched.wait_for("--- lambda upload")
    watched.wait_for("Everything deployed here is deleted with the local AWS.")
    assert watched.interrupt() == 0, watched.stderr
    return watched


def test_result_has_every_step(demo):
    result = json.loads(demo.stdout)
    assert KEYS["demo"] <= set(result)
    assert list(result["steps"]) == [step.replace(" ", "_").lower() for step in STEPS]
    assert result["recipes"] == ["newsgroups-naive-bayes", "spooky-topic-forest"]
    for step in ("invoke", "lambda_invoke"):
        assert result["steps"][step]["predictions"][0]["probabilities"]


def test_result_says_that_the_metrics_are_of_a_generated_sample(demo):
    result = json.loads(demo.stdout)
    assert result["data"] == MARK
    steps = [
        f"{prefix}{name}" for prefix in ("", "lambda_") for name in ("upload", "train", "invoke")
    ]
    assert {result["steps"][name]["data"] for name in steps} == {MARK}


def test_warning_names_the_missing_data_and_its_replacement(demo):
    lines = [line for line in demo.stderr.splitlines() if line.startswith("WARNING: ")]
    newsgroups, spooky = lines[:3], lines[3:]
    assert "20news-bydate.tar.gz" in newsgroups[0] and "DATASETS_DIR" in newsgroups[0]
    assert "kaggle.com/c/spooky-author-identification" in spooky[0]
    replaced = "WARNING: using a small generated corpus instead. Its metrics are meaningless."
    trained = "WARNING: trained and tested on a generated sample: the figures mean nothing."
    assert newsgroups[1:] == spooky[1:] == [replaced, trained]


def test_every_metric_is_marked_as_of_the_sample(demo):
    metrics = re.compile(
        r"accuracy|precision|recall|_f1|rows|features|non_zeros|\(0\.\d+\)|texts?\b"
    )
    printed = demo.stderr.split("The local AWS keeps running")[0].splitlines()
    lines = [line for line in printed if metrics.search(line) and not line.startswith("text 0: ")]
    measured = [line for line in lines if re.search(r"\d", line)]
    assert len(measured) >= 20
    assert [line for line in measured if MARK not in line] == []


def test_table_has_the_seconds_of_every_step(demo):
    table = demo.stderr.rsplit("step ", 1)[1].split("\n\n")[0].splitlines()[1:]
    assert [line.split("  ")[0].strip() for line in table] == [*STEPS, "total"]
    assert all(re.search(r" \d+\.\d$", line) for line in table)


def test_a_demo_that_is_kept_prints_lines_to_paste(demo):
    kept = demo.stderr.split("The local AWS keeps running until Ctrl-C.")[1]
    url = json.loads(demo.stdout)["steps"]["local_aws"]["url"]
    assert f"export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=" in kept
    assert "python -m scripts.invoke --recipe newsgroups-naive-bayes --file docs/post.txt" in kept
    assert "python -m scripts.invoke --recipe spooky-topic-forest --target api '" in kept


def test_demo_leaves_no_process_and_no_folder(demo):
    assert demo.processes() == []
    assert list(demo.temporary.iterdir()) == []


@pytest.mark.parametrize(
    "moments",
    [
        ["--- upload"],
        ["--- train"],
        ["-pipeline: Creating"],
        ["--- lambda upload", "-spooky-topic-forest: CREATE_IN_PROGRESS"],
    ],
    ids=lambda moments: moments[-1],
)
def test_ctrl_c_in_any_step_leaves_no_process_and_no_folder(tmp_path, moments):
    watched = start(tmp_path)
    for moment in moments:
        watched.wait_for(moment)
    assert watched.processes()
    watched.stop()
    assert watched.stdout == ""
    assert watched.leaves_nothing()


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.5])
def test_ctrl_c_at_the_start_leaves_no_process_and_no_folder(tmp_path, seconds):
    watched = start(tmp_path)
    time.sleep(seconds)
    assert watched.interrupt() != 0
    assert watched.leaves_nothing()


def test_demo_of_an_own_file_deploys_it_to_both_targets_next_to_its_largest_class(tmp_path):
    columns = ("--text", "body", "--label", "queue")
    watched = start(tmp_path, "--file", "docs/tickets.csv", *columns)
    assert watched.wait() == 0, watched.stderr
    result = json.loads(watched.stdout)
    assert result["recipes"] == ["text-linear"]
    steps = ["local_aws", "setup", *ROUTE, "lambda_deploy", "lambda_invoke"]
    assert list(result["steps"]) == steps
    assert "always the largest class" in watched.stderr
    first, second = (result["steps"][name] for name in ("invoke", "lambda_invoke"))
    assert first["predictions"][0]["label"] == second["predictions"][0]["label"]
    assert watched.leaves_nothing()


def test_killed_demo_ends_the_local_aws_and_its_processes(tmp_path):
    watched = start(tmp_path)
    watched.wait_for(": Training\n")
    assert watched.processes()
    watched.kill()
    assert watched.leaves_nothing()
