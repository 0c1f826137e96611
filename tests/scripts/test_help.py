"""Every command explains itself, and does so without loading what it does not need."""

import argparse
import shlex
import statistics
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.testing import ROOT
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.__main__ import COMMANDS, main
from scripts.account.command import load_command, module_of, whole_number
from scripts.jobs.training_flags import epilog
from tests.project.sources import HEAVY
from tests.scripts.processes import SCRIPTS, clean_environment, command, run


def test_every_runnable_module_is_listed_here():
    runnable = [
        path.stem
        for folder in ("scripts", "scripts/operations")
        for path in (ROOT / folder).glob("[!_]*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]
    assert sorted(runnable) == sorted(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_argument_has_a_description_without_a_full_stop(script):
    parser = argparse.ArgumentParser()
    load_command(script).add_arguments(parser)
    assert [action.dest for action in parser._actions if not action.help] == []
    assert [action.help for action in parser._actions if action.help.endswith(".")] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_names_the_command_and_loads_no_heavy_library(script):
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", *command(script, "--help")[1:]],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    typed = f"python -m {module_of(script)}".replace("scripts.operations.", "scripts ")
    assert ended.stdout.startswith(f"usage: {typed} ")
    assert typed in ended.stdout.split("\n\n", 1)[1]
    lines = ended.stderr.splitlines()
    assert all(line.startswith("import time:") for line in lines)
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}
    assert {"argparse", "scripts"} <= loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("program", ["scripts/__main__.py", "bin/newsgroup-classifier"])
def test_every_help_fits_80_columns(monkeypatch, capsys, program, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.argv", [program])
    recipes = [("train", "--recipe", name) for name in RECIPES]
    for words in [(name,) for name in COMMANDS] + recipes:
        with pytest.raises(SystemExit, match="0"):
            main([*words, "--help"])
        lines = capsys.readouterr().out.splitlines()
        assert [line for line in lines if len(line) > 80] == []


def test_help_joins_the_lines_of_a_paragraph_and_keeps_those_of_examples(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit, match="0"):
        main(["deploy", "--help"])
    text = capsys.readouterr().out
    assert (
        "\n    python -m scripts.deploy --recipe headlines-fast --target single\n    python" in text
    )
    assert "--target single runs only\nthe TensorFlow container" in text


def test_long_example_of_a_help_is_one_command_in_a_shell(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bin/newsgroup-classifier"])
    with pytest.raises(SystemExit, match="0"):
        main(["invoke", "--help"])
    lines = capsys.readouterr().out.replace("\\\n", "").splitlines()
    words = [shlex.split(line)[1:] for line in lines if line.startswith("    newsgroup-classifier")]
    flags = ["invoke", "--recipe", "subreddits-neighbors", "--neighbors", "5"]
    assert [*flags, "a tap"] in words


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_help_of_train_has_default_range_and_meaning_of_each_hyperparameter(recipe):
    listing = epilog(["--recipe", recipe.name, "--help"])
    assert epilog(["-h", f"--recipe={recipe.name}"]) == listing
    for parameter, line in zip(recipe.hyperparameters, listing.splitlines()[1:], strict=True):
        assert line.startswith(f"  {parameter.name} ({parameter.default}): {parameter.help}")
        former = f" (formerly {parameter.was})" if parameter.was else ""
        assert line.endswith(f"; {parameter.expected}{former}")


def test_help_of_train_lists_the_hyperparameters_of_the_named_recipe(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["train", "--recipe", "digits-cnn", "--help"])
    listing = " ".join(epilog(["--recipe", "digits-cnn"]).split())
    assert listing in " ".join(capsys.readouterr().out.split())
    ended = run("train", "--help", environment=clean_environment())
    assert "--recipe NAME --help lists the hyperparameters" in ended.stdout


def test_help_points_to_the_list_of_recipes_instead_of_repeating_it():
    for script in ("invoke", "train"):
        ended = run(script, "--help", environment=clean_environment())
        text = " ".join(ended.stdout.split())
        assert "--recipe NAME recipe (`python -m scripts.recipes` lists them)" in text
        assert sum(name in text for name in RECIPES) < len(RECIPES) / 2


@pytest.mark.slow
def test_invoke_help_takes_at_most_twice_the_import_of_boto3():
    commands = (command("invoke", "--help"), [sys.executable, "-c", "import boto3"])
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(7):
        for one, taken in zip(commands, seconds, strict=True):
            began = time.perf_counter()
            subprocess.run(one, cwd=ROOT, env=clean_environment(), capture_output=True, check=True)
            taken.append(time.perf_counter() - began)
    ratio = statistics.median(seconds[0]) / statistics.median(seconds[1])
    assert ratio <= 2


def test_command_line_without_a_recipe_is_refused_in_one_line():
    ended = run("train", environment=clean_environment())
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        "python -m scripts.train: error: one of the arguments --recipe --pipeline is required "
        "(--help lists the flags)\n"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("invoke --recipe r two words", "unrecognized arguments: words; put quotes around an"),
        ("ship --file docs/tickets.csv", "unrecognized arguments: --file; pass the file without"),
        ("deploy --recipe r --yes=1", "argument --yes: the flag takes no value, found '1'"),
        ("transform --recipe r --input=", "'' is not the name of a file or a folder"),
        ("train --recipe r --plots=", "'' is not the name of a file or a folder"),
        ("invoke --recipe r --top 0", "argument --top: '0' is not a whole number of 1 or"),
        ("invoke --recipe r --neighbors=-1", "argument --neighbors: '-1' is not a whole number"),
        ("upload-data --recipe r --posts-per-class x", "'x' is not a whole number of 1 or"),
        ("upload-data --recipe r --min-characters=-1", "'-1' is not a whole number of 0 or"),
        ("deploy --recipe r --memory 1", "'1' is not a whole number from 128 to 10,240"),
    ],
)
def test_malformed_command_line_is_refused_in_one_line(capsys, line, message):
    with pytest.raises(SystemExit, match="2"):
        main(line.split())
    (error,) = capsys.readouterr().err.splitlines()
    assert message in error


@settings(max_examples=50)
@given(st.text())
def test_no_text_of_a_number_gives_a_message_of_python(text):
    try:
        assert whole_number(1, 100)(text) == int(text)
    except argparse.ArgumentTypeError as error:
        assert str(error) == f"{text!r} is not a whole number from 1 to 100"


def test_flags_cannot_be_abbreviated_and_the_nearest_is_named():
    ended = run("delete", "--recipe", "r", "--foundatio", environment=clean_environment())
    assert ended.returncode == 2
    assert "unrecognized arguments: --foundatio; did you mean --foundation?" in ended.stderr
