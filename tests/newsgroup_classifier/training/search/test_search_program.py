"""The training program searches, resumes after a kill, and refuses invalid searches."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from newsgroup_classifier.artifacts import MODEL, load_manifest, load_object
from newsgroup_classifier.datasets.reddit_comments import generate_comments
from newsgroup_classifier.text.word_vectors import VectorTable, write_vectors
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.search.checkpoint import SearchCheckpoint
from newsgroup_classifier.training.search.fits import Fit
from newsgroup_classifier.training.search.searching import search
from tests.newsgroup_classifier.conftest import (
    DEFAULTS,
    ROOT,
    job_variables,
    refusal,
    write_channels,
)
from tests.newsgroup_classifier.training.search.small_searches import comments_task

PROGRAM = ROOT / "newsgroup_classifier" / "training" / "train_sklearn.py"
HEADER = "data,data_subject,label_names,label\n"
COMMENTS = ["--recipe", "comments-mlp"]
SHORT = [*COMMENTS, "--search", "random", "--candidates", "3", "--folds", "2", "--max_iter", "5"]
LONG = {"search": "random", "candidates": 12, "folds": 2, "max_iter": 100}


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    """Write the channels of generated comments."""
    return write_channels(generate_comments(), tmp_path_factory.mktemp("comments"))


@pytest.fixture
def job(channels, tmp_path):
    """Return the variables of a training job on the comments."""
    return job_variables(channels, tmp_path)


def started(job, tmp_path, *argv):
    """Start the program as a file, as the launchers do."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", str(PROGRAM), *argv],
        cwd=tmp_path, env=environ | job, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _runs(process):
    """Return whether a process runs and is not a zombie."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def table_of(folder):
    with (folder / "output" / "data" / "search.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def saved_fits(folder):
    path = folder / "checkpoints" / "search_fits.json"
    return json.loads(path.read_text())["fits"] if path.exists() else []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_search_trains_the_best_candidate_records_the_search_and_refuses_other_fits(
    container, capsys
):
    assert train_sklearn.main(SHORT) == 0
    best, *others = table_of(container)
    assert next(iter(best)) == "rank"
    assert all(float(best["accuracy"]) >= float(row["accuracy"]) for row in others)
    manifest = load_manifest(container / "model")
    searched = ("activation", "alpha", "learning_rate", "solver")
    assert {name: str(manifest.hyperparameters[name]) for name in searched} == {
        name: best[name] for name in searched
    }
    assert manifest.search | {"fit_seconds": 0} == {
        "search": "random", "candidates": 3, "different": 3, "folds": 2, "rounds": [[3, 310]],
        "fits": 6, "fit_seconds": 0, "accuracy": float(best["accuracy"]),
        "standard_error": float(best["standard_error"]),
    }  # fmt: skip
    assert load_object(container / "model", manifest, MODEL).alpha == float(best["alpha"])
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("search ") and " of 3: " in line]) == 3
    assert f"validation:accuracy={float(best['accuracy'])!r}" in lines
    message = refusal(container, *SHORT, "--min_df", "2")
    path = container / "checkpoints" / "search_fits.json"
    assert message == (
        f"checkpoint {path} is from a job with another hyperparameter min_df: 1; this job has 2. "
        "Use the same value, use another folder for checkpoints, or delete these"
    )


@pytest.mark.slow
def test_search_resumed_after_a_kill_gives_the_same_result(job, tmp_path):
    flags = [word for name, value in LONG.items() for word in (f"--{name}", str(value))]
    first = started(job, tmp_path, *COMMENTS, *flags)
    while len(saved_fits(tmp_path)) < 5:
        assert first.poll() is None, first.communicate()
        time.sleep(0.02)
    children = psutil.Process(first.pid).children(recursive=True)
    assert children
    first.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(_runs(child) for child in children):
        assert time.monotonic() < deadline, children
        time.sleep(0.1)
    first.communicate()
    before = saved_fits(tmp_path)
    uninterrupted = search(comments_task(**LONG), workers=1)
    assert 5 <= len(before) < uninterrupted.about["fits"]
    second = started(job, tmp_path, *COMMENTS, *flags)
    out, err = second.communicate()
    assert second.returncode == 0, err
    assert f"resuming from {len(before)} fits in a checkpoint" in out
    after = saved_fits(tmp_path)
    assert after[: len(before)] == before  # including their seconds, so none was repeated
    assert len(after) == uninterrupted.about["fits"]
    rows = [
        {name: str(value) for name, value in row.items() if name != "seconds"}
        for row in uninterrupted.table
    ]
    table = [{name: row[name] for name in row if name != "seconds"} for row in table_of(tmp_path)]
    assert table == rows
    trained = load_manifest(tmp_path / "model").hyperparameters
    assert uninterrupted.best.items() <= trained.items()


@pytest.mark.slow
def test_search_with_other_vectors_than_its_checkpoint_is_refused(container, monkeypatch):
    monkeypatch.setenv("SM_CHANNEL_VECTORS", str(container))
    search = ["--search", "random", "--candidates", "2", "--folds", "2", "--embedding", "vectors"]
    argv = ["--recipe", "subreddits-neighbors", *search]
    for value, code in ((1.0, 0), (1.0, 0), (2.0, 1)):
        table = VectorTable(("server",), np.zeros(1, np.int32), np.full((1, 3), value, np.float32))
        (container / "vectors.npz").write_bytes(write_vectors(table))
        assert train_sklearn.main(argv) == code
    message = (container / "output" / "failure").read_text()
    assert "search_fits.json is from a job with another vectors channel: " in message


OWN = """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from newsgroup_classifier.hyperparameters import FloatParameter
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import SEARCH

RECIPE = ScikitLearnRecipe(
    name="my-bayes",
    summary="mine",
    dataset="",
    hyperparameters=(FloatParameter("alpha", 0.5, "smoothing", above=0.0), *SEARCH),
    space=(Choices("alpha", (0.1, 1.0)),),
    build=lambda values: make_pipeline(TfidfVectorizer(), MultinomialNB(alpha=values["alpha"])),
)
"""


def test_search_with_other_code_of_the_user_than_its_checkpoint_is_refused(container):
    model = container / "my_model.py"
    argv = ["--recipe", str(model), "--search", "grid", "--folds", "2"]
    for code, expected in (
        (OWN, 0),
        (OWN.replace("make_pipeline(Tfidf", "make_pipeline( Tfidf"), 1),
    ):
        model.write_text(code, encoding="utf-8")
        assert train_sklearn.main(argv) == expected
    message = (container / "output" / "failure").read_text()
    assert "search_fits.json is from a job with another file my_model.py: " in message


ENDLESS = """
import pathlib, sys, time
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.pipeline import make_pipeline
from newsgroup_classifier.training.search.searching import search
from tests.newsgroup_classifier.training.search.small_searches import posts_task

class Endless(DummyClassifier):
    def fit(self, X, y):
        pathlib.Path(sys.argv[1]).touch()
        time.sleep(600)

def build(values):
    return make_pipeline(HashingVectorizer(n_features=16), Endless())

task = posts_task(build, search="random", candidates=2, folds=2)
search(task, workers=4)
"""


@pytest.mark.slow
def test_workers_of_a_killed_search_end_even_if_idle(tmp_path):
    mark = tmp_path / "fitting"
    program = subprocess.Popen([sys.executable, "-c", ENDLESS, str(mark)], cwd=ROOT)
    while not mark.exists():
        assert program.poll() is None
        time.sleep(0.02)
    children = psutil.Process(program.pid).children(recursive=True)
    assert len(children) > 4
    program.kill()
    program.wait()
    _, alive = psutil.wait_procs(children, timeout=60)  # joblib itself would wait five minutes
    assert not alive


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[" * 100_000, "[]"),
        *('{"format": 2}', '{"format": 1, "job": {}}', '{"format": 1, "job": 3}'),
        '{"format": 1, "job": {"recipe": "a"}, "fits": [[0, 0, 0, NaN, 1]]}',
        '{"format": 1, "job": {"recipe": "a"}, "fits": [[0, 0, 1e400, 0.5, 1]]}',
    ],
    ids=range(9),
)
def test_damaged_checkpoint_of_a_search_is_skipped_with_a_warning(tmp_path, content):
    (tmp_path / "search_fits.json").write_text(content)
    checkpoint, warning = SearchCheckpoint.read(tmp_path, {"recipe": "a"})
    assert checkpoint.fits == {}
    assert warning.startswith("checkpoint search_fits.json is damaged (")
    checkpoint.add(0, (3, 1), Fit(0.1 + 0.2, 1.5))
    again, warning = SearchCheckpoint.read(tmp_path, {"recipe": "a"})
    assert (again.fits, warning) == ({0: {(3, 1): Fit(0.1 + 0.2, 1.5)}}, None)


@pytest.mark.parametrize("recipe", ["comments-mlp", "newsgroups-naive-bayes", "spooky-ngrams"])
def test_folds_with_a_class_of_one_row_are_refused(container, monkeypatch, tmp_path, recipe):
    rows = "".join(f"word{n} other,s,{'ab'[n % 2]},{n % 2}\n" for n in range(6))
    (tmp_path / "train.csv").write_text(HEADER + rows + "alone here,s,a text as a name,2\n")
    (tmp_path / "test.csv").write_text(HEADER + rows)
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(tmp_path))
    monkeypatch.setenv("SM_CHANNEL_TEST", str(tmp_path))
    assert refusal(container, "--recipe", recipe, "--folds", "3") == (
        "the train channel has 1 row with label 2, and there are 3 folds; expected a row of "
        "every label in each fold. Upload more such rows, drop the label, or lower folds"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "--search grid",
            "search grid compares candidates on folds of the train channel, and hyperparameter "
            "folds is 0; expected 2 or more, such as 5",
        ),
        (
            "--folds 1",
            "hyperparameter folds is 1, which leaves no rows to validate on; expected 0 for no "
            "cross-validation, or 2 or more",
        ),
        (
            "--search random --candidates 0 --folds 2",
            "hyperparameter candidates is '0'; expected a whole number from 1 to 10000, such as 20",
        ),
        (
            "--search all",
            "hyperparameter search is 'all'; expected one of none, grid, halving, random",
        ),
    ],
)
def test_invalid_search_is_refused(container, options, message):
    assert refusal(container, *COMMENTS, *options.split()) == message


def test_search_of_a_recipe_without_a_search_space_is_refused(container):
    message = refusal(container, "--recipe", "newsgroups-naive-bayes", "--search", "grid")
    known = ("recipe", "report", *DEFAULTS)
    assert message == f"unknown hyperparameter 'search' (known: {', '.join(known)})"


def test_halving_of_too_few_rows_names_the_minimum(container, monkeypatch, tmp_path):
    rows = "".join(f"word{n} other,s,{'ab'[n % 2]},{n % 2}\n" for n in range(12))
    for name in ("train", "test"):
        (tmp_path / f"{name}.csv").write_text(HEADER + rows)
        monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", str(tmp_path))
    message = refusal(container, *COMMENTS, "--search", "halving", "--folds", "5")
    assert message == (
        "the train channel has 12 rows, and search=halving starts with at least 20: 2 for each of "
        "2 labels in each of 5 folds. Upload more rows, lower folds, or use search=grid"
    )
