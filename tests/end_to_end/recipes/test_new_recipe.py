"""The recipe and data set of the how-to guide, added to a copy of the project as new files."""

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
LOAD = """
from pathlib import Path
from newsgroup_classifier.datasets.catalogue import load_dataset
dataset = load_dataset("reviews", Path("my-data"))
for part in (dataset.train, dataset.test):
    print(len(part), *sorted(set(zip(part["label"], part["label_names"]))))
"""


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
def test_quick_tests_of_recipes_and_commands_pass_with_the_new_recipe(project):
    tests = ("scripts/test_help.py", "newsgroup_classifier/recipes/test_recipes.py")
    words = [sys.executable, "-m", "pytest", "-q", *(f"tests/{name}" for name in tests)]
    run = subprocess.run(
        words,
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("from numpy import typo", "cannot be imported: ImportError: cannot import name 'typo'"),
        (RECIPE, "declares 'spooky-centroids', a name that another module"),
    ],
)
def test_command_reports_a_broken_recipe_file_in_one_line(project, text, cause):
    broken = project / "newsgroup_classifier" / "recipes" / "zzz.py"
    broken.write_text(text, encoding="utf-8")
    try:
        for words in (["recipes"], ["train", "--recipe", "spooky-ngrams", "--help"]):
            run = subprocess.run(
                [sys.executable, "-m", "scripts", *words],
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


def test_new_data_set_is_loaded_by_its_name(project):
    folder = project / "my-data" / "reviews"
    folder.mkdir(parents=True)
    rows = [f'"Review {number}, in words",{LABELS[number % 3]}' for number in range(30)]
    (folder / "reviews.csv").write_text("\n".join(["text,label", *rows]))
    run = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=True,
    )
    labels = "(0, 'bad') (1, 'good') (2, 'so-so')"
    assert run.stdout.splitlines() == [f"24 {labels}", f"6 {labels}"]
