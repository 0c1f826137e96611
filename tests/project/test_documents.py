"""What the documents say is true of the project."""

import argparse
import importlib
import re
import shlex

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.project.markdown import anchor_of, documents, headings_of, links_of, text_of
from tests.project.reference import pages, topics
from tests.project.sources import PACKAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPTS = sorted(
    path.stem
    for path in (ROOT / "scripts").glob("*.py")
    if "def add_arguments(" in path.read_text(encoding="utf-8") and path.stem != "command"
)
COMMANDS = re.findall(r"python -m (scripts\.\w+)([^\n`]*)", README)


def test_readme_says_on_its_first_screen_what_it_is_and_the_two_commands():
    first = "\n".join(README.splitlines()[:40])
    assert "make demo" in first
    assert "make test" in first
    assert "seconds" in first


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)))
)
def test_readme_names_only_targets_that_exist(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)


@pytest.mark.parametrize(("module", "rest"), COMMANDS)
def test_readme_commands_have_arguments_that_the_scripts_take(module, rest):
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(module).add_arguments(parser)
    parser.parse_args(shlex.split(rest, comments=True))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_in_the_readme_or_the_makefile(script):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"scripts.{script}" in README + makefile


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_readme_table_has_every_recipe_with_its_hyperparameters(recipe):
    rows = [line for line in README.splitlines() if line.startswith(f"| `{recipe.name}`")]
    assert recipe.served_by_lambda == ("Lambda" in rows[0])
    row = rows[1]
    for parameter in recipe.hyperparameters:
        default = parameter.default
        shown = default if isinstance(default, str) else f"{default:g}"
        assert f"`{parameter.name}` ({shown})" in row


def _tree_paths():
    block = README.split("## The tree")[1].split("```text\n")[1].split("```")[0]
    folder = ""
    for line in block.splitlines():
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
            yield name
        else:
            yield folder + name


@pytest.mark.parametrize("path", list(_tree_paths()))
def test_readme_tree_names_what_is_there(path):
    assert (ROOT / path).exists()


def test_readme_tree_misses_no_package_and_no_folder_of_the_library():
    named = set(_tree_paths())
    assert {f"{package}/" for package in PACKAGES} <= named
    folders = {path.parent.name for path in (ROOT / "newsgroup_classifier").glob("*/__init__.py")}
    assert {f"newsgroup_classifier/{folder}/" for folder in folders} <= named


@pytest.mark.parametrize("path", topics(), ids=lambda path: path.stem)
def test_decisions_are_dated(path):
    _, *entries = text_of(path).split("\n## ")
    assert entries
    for entry in entries:
        assert re.match(r".+\n\n\*\d{4}-\d{2}-\d{2}\.\* ", entry), entry.splitlines()[0]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_exist(path):
    for target in links_of(path):
        file, _, fragment = target.partition("#")
        linked = path.parent / file if file else path
        assert linked.exists(), f"{target} does not exist"
        if fragment:
            anchors = [anchor_of(heading) for heading in headings_of(linked)]
            assert fragment in anchors, f"{target} is not a heading"
            assert anchors.count(fragment) == 1, f"{target} is the heading of several sections"


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_generated_page_is_current(path):
    assert path.exists(), f"{path.relative_to(ROOT)} does not exist: run make reference"
    assert path.read_text(encoding="utf-8") == pages()[path], (
        f"{path.relative_to(ROOT)} is out of date: run make reference"
    )
