"""Documents say what was measured, and a reproduction resumes."""

import re
import subprocess
import sys

import pytest

from benchmarks.reproduction import __main__ as reproduction
from benchmarks.reproduction.figures import significant
from benchmarks.reproduction.ledger import Ledger, machine
from benchmarks.reproduction.page import PAGE, render_page
from benchmarks.reproduction.statements import (
    measured_accuracies,
    missing_statements,
    rendered_statements,
)
from benchmarks.reproduction.steps import ROOT, STEPS, Step
from newsgroup_classifier.recipes.catalogue import RECIPES

# Accuracies, and ratios to other implementations.
_FIGURE = re.compile(r"\b0\.\d{3,4}\b|\b\d+(?:\.\d+)? times (?:faster|less|smaller|as long)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)  # other tests run what is in them


def documents():
    pages = [ROOT / "README.md", ROOT / "docs" / "tutorial.md"]
    return [*pages, *sorted((ROOT / "docs" / "how-to").glob("*.md"))]


def test_page_of_results_has_the_measured_figures():
    assert PAGE.read_text(encoding="utf-8") == render_page()


def test_other_documents_state_the_measured_figures():
    assert missing_statements() == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_every_figure_of_a_document_is_a_measured_one(path):
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    name = str(path.relative_to(ROOT))
    stated = {
        figure
        for document, statement in rendered_statements()
        for figure in _FIGURE.findall(statement)
        if document == name
    }
    assert set(_FIGURE.findall(" ".join(text.split()))) <= stated


def test_catalogue_states_the_measured_accuracy_of_each_recipe():
    stated = {recipe.name: recipe.accuracy for recipe in RECIPES.values() if recipe.accuracy}
    measured = measured_accuracies()
    assert stated.keys() == measured.keys()
    for name, accuracy in stated.items():
        assert accuracy.accuracy == pytest.approx(measured[name], abs=0.0006), name


@pytest.mark.parametrize(
    ("value", "count", "text"),
    [(33.4, 1, "30"), (33.4, 2, "33"), (9.16, 1, "9"), (9.16, 2, "9.2"), (4.95, 2, "5.0")],
)
def test_numbers_are_written_with_significant_digits(value, count, text):
    assert significant(value, count) == text


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs the reproduction with steps that append to files."""
    ledger, page = tmp_path / "ledger.json", tmp_path / "page.md"
    monkeypatch.setattr(reproduction, "LEDGER", ledger)
    monkeypatch.setattr(reproduction, "PAGE", page)
    monkeypatch.setattr(reproduction, "render_page", lambda: "the page")
    monkeypatch.setattr(reproduction, "missing_statements", list)
    monkeypatch.setenv("DATASETS_DIR", str(tmp_path))

    def append(name):
        path = tmp_path / f"{name}.json"
        program = f"open({str(path)!r}, 'a').write('row\\n'); "
        program += f"import os, sys; sys.exit(os.path.exists({str(tmp_path / 'fail')!r}))"
        return Step(name, 1, path, command=(sys.executable, "-c", program))

    monkeypatch.setattr(reproduction, "STEPS", (append("one"), append("two")))
    return lambda *words: reproduction.main(words)


def rows(folder, name):
    path = folder / f"{name}.json"
    return path.read_text().count("row") if path.exists() else 0


def test_step_that_failed_resumes_with_its_rows_and_the_others_are_not_measured_again(
    run, tmp_path, capsys
):
    (tmp_path / "one.json").write_text("row\nrow\nrow of an earlier run\n")
    assert run("one") == 0
    (tmp_path / "fail").touch()
    assert run() == 1
    assert "two ended with exit code 1" in capsys.readouterr().err
    (tmp_path / "fail").unlink()
    assert run() == 0
    assert (rows(tmp_path, "one"), rows(tmp_path, "two")) == (1, 2)
    assert (tmp_path / "page.md").read_text() == "the page"


def test_steps_are_measured_again_if_asked(run, tmp_path):
    assert run() == 0
    (tmp_path / "one.json").write_text("row\nrow\n")
    assert run() == 0
    assert rows(tmp_path, "one") == 2
    assert run("--again", "two") == 0
    assert rows(tmp_path, "one") == 2
    assert run("--again") == 0
    assert (rows(tmp_path, "one"), rows(tmp_path, "two")) == (1, 1)
    steps = Ledger.read(tmp_path / "ledger.json").steps
    assert list(steps) == ["one", "two"]
    assert all(entry.ended for entry in steps.values())


def test_time_of_a_failed_attempt_counts(run, tmp_path):
    (tmp_path / "fail").touch()
    assert run("one") == 1
    first = Ledger.read(tmp_path / "ledger.json").steps["one"]
    (tmp_path / "fail").unlink()
    assert run("one") == 0
    second = Ledger.read(tmp_path / "ledger.json").steps["one"]
    assert not first.ended
    assert second.ended
    assert second.minutes >= first.minutes
    assert second.began == first.began


def test_programs_with_a_lower_priority_keep_cores_busy():
    program = "import os, time; os.nice(5)\nwhile time.process_time() < 0.5: pass"
    before = reproduction._busy_seconds()
    subprocess.run([sys.executable, "-c", program], check=True)
    assert reproduction._busy_seconds() - before > 0.4


@pytest.mark.parametrize("words", [["--list"], ["--again", "--list"], ["--again"]])
def test_ledger_stays_if_nothing_is_measured(run, tmp_path, monkeypatch, words):
    assert run() == 0
    before = (tmp_path / "ledger.json").read_text()
    monkeypatch.delenv("DATASETS_DIR")
    run(*words)
    assert (tmp_path / "ledger.json").read_text() == before


def test_run_continues_on_another_machine_with_the_step_that_was_interrupted(run, tmp_path):
    assert run("one") == 0
    (tmp_path / "fail").touch()
    assert run("two") == 1
    (tmp_path / "fail").unlink()
    ledger = tmp_path / "ledger.json"
    ledger.write_text(ledger.read_text().replace(machine(), "64 cores"))
    assert run() == 0
    assert (rows(tmp_path, "one"), rows(tmp_path, "two")) == (1, 1)
    machines = {name: entry.machine for name, entry in Ledger.read(ledger).steps.items()}
    assert machines == {"one": "64 cores", "two": machine()}


def test_unknown_step_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        reproduction.main(["speed"])
    names = ", ".join(step.name for step in STEPS)
    assert f"'speed' is not a step; expected any of {names}" in capsys.readouterr().err


def test_statement_that_a_document_lacks_is_an_error_of_the_run(run, monkeypatch, capsys):
    monkeypatch.setattr(reproduction, "missing_statements", lambda: [("README.md", "2 times")])
    assert run() == 1
    assert "README.md should say: 2 times" in capsys.readouterr().err
