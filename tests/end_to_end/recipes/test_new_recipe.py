"""The recipe and data set of the how-to guide, added to a copy of the project as new files."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.documents import marked_blocks, marked_commands, result_of, run_commands
from tests.project.sources import ROOT

PAGE, THIS = "docs/how-to/add-a-recipe.md", "tests/end_to_end/recipes/test_new_recipe.py"
RECIPE, DATASET = marked_blocks(PAGE, THIS, "python")
LABELS = ("bad", "good", "so-so")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy the project and add the two files of the guide."""
    copy = tmp_path_factory.mktemp("copy") / "project"
    names = (".*", "__pycache__", "benchmarks", "docs", "artifact")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*names))
    package = copy / "newsgroup_classifier"
    (package / "recipes" / "spooky_centroids.py").write_text(RECIPE, encoding="utf-8")
    (package / "datasets" / "reviews.py").write_text(DATASET, encoding="utf-8")
    return copy


def test_recipe_of_the_guide_has_at_most_60_lines():
    assert len(RECIPE.splitlines()) <= 60


@pytest.mark.slow
def test_new_recipe_is_trained_deployed_and_invoked_without_other_changes(project):
    results = run_commands(marked_commands(PAGE, THIS), folder=project)
    metrics = result_of(results, "train")["metrics"]
    assert metrics["accuracy"] > 0.6
    (prediction,) = result_of(results, "invoke")["predictions"]
    assert tuple(prediction["probabilities"]) == ("EAP", "HPL", "MWS")
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)


@pytest.mark.slow
def test_quick_tests_and_boundaries_hold_with_the_new_recipe(project):
    tests = ("tests/scripts/test_help.py", "tests/newsgroup_classifier/recipes/test_recipes.py")
    words = [sys.executable, "-m", "pytest", "-q", *tests, "tests/project/test_boundaries.py"]
    run = subprocess.run(
        words,
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "cause", "programs"),
    [
        (
            "from numpy import typo",
            "cannot be imported: ImportError: cannot import name 'typo'",
            ("scripts recipes", "newsgroup_classifier.training.train_sklearn --recipe x"),
        ),
        (
            RECIPE,
            "declares 'spooky-centroids', a name that another module",
            (
                "scripts train --recipe spooky-ngrams --help",
                "newsgroup_classifier.training.train_tensorflow --recipe x",
            ),
        ),
    ],
)
def test_programs_report_a_broken_recipe_file_in_one_line(project, text, cause, programs):
    broken = project / "newsgroup_classifier" / "recipes" / "zzz.py"
    broken.write_text(text, encoding="utf-8")
    try:
        for words in programs:
            run = subprocess.run(
                [sys.executable, "-m", *words.split()],
                cwd=project,
                env=os.environ | {"PYTHONPATH": str(project)},
                capture_output=True,
                text=True,
            )
            assert (run.returncode, run.stdout) == (1, "")
            (line,) = run.stderr.splitlines()
            assert line.startswith(f"error: {broken} {cause}")
    finally:
        broken.unlink()


_NO_REVIEWS = " has no reviews to train on: "


def upload_reviews(project, scripts, content: str | bytes) -> subprocess.CompletedProcess[str]:
    """Upload the data set of the guide with the content of its file."""
    recipe = RECIPE.replace('"spooky-centroids"', '"reviews"').replace('"spooky"', '"reviews"')
    (project / "newsgroup_classifier" / "recipes" / "reviews.py").write_text(recipe)
    folder = project / "my-data" / "reviews"
    folder.mkdir(parents=True, exist_ok=True)
    content = content.encode() if isinstance(content, str) else content
    (folder / "reviews.csv").write_bytes(content)
    words = "upload-data --recipe reviews --data-dir my-data --min-words 3"
    return subprocess.run(
        [sys.executable, "-m", "scripts", *words.split()],
        cwd=project,
        env=scripts.environment | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", " is empty; expected a CSV, "),
        ('text,label\n"not closed,good', ": record 2 (at line 2) is not valid CSV (unexpected end"),
        ("text,label\nTwo,commas,here,good", ": row 1 (line 2) has 4 fields; expected 2. "),
        ("text,label\nIt is good,good", f"{_NO_REVIEWS}label 'good' has 1 of at least 3 rows. "),
        ("text,label\nGood,good", f"{_NO_REVIEWS}no text has enough words. Export the reviews"),
    ],
)
def test_new_data_set_refuses_a_broken_file_in_one_line(project, scripts, content, reason):
    run = upload_reviews(project, scripts, content)
    assert (run.returncode, run.stdout) == (1, "")
    *_, error = run.stderr.splitlines()
    assert error.startswith(f"error: my-data/reviews/reviews.csv{reason}")
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_new_data_set_is_uploaded_with_a_flag_of_its_own(project, scripts):
    rows = [f'"Review {number}, in words",{LABELS[number % 3]}' for number in range(30)]
    run = upload_reviews(project, scripts, "\n".join(["text,label", *rows, "too short,bad"]))
    assert "Data: reviews, 24 train and 6 test texts." in run.stderr
    (uri,) = scripts.list_objects(json.loads(run.stdout)["channels"]["test"])
    _, *lines = scripts.read_object(uri).decode().splitlines()
    assert {tuple(line.split(",")[-2:]) for line in lines} == {
        (f'"{name}"', str(number)) for number, name in enumerate(LABELS)
    }
