"""The documents name existing files, commands, flags and headings, and are up to date."""

import argparse
import json
import re
from pathlib import Path

import pytest

from inference_pipeline.responses import Rejection
from lambda_handler.events import error_body
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.recipes.catalogue import find_recipe
from tests.project.commands import COMMANDS, invocations_in, parser_of
from tests.project.markdown import anchor_of, documents, headings_of, links_of, text_of
from tests.project.reference import pages, topics
from tests.project.sources import PACKAGES, ROOT

README = ROOT / "README.md"
DOCUMENTS = documents()
MOST_LINES, MOST_WORDS = 150, 1100  # of the README
INVOCATIONS = [
    pytest.param(name, words, id=f"{path.relative_to(ROOT)}: {' '.join([name, *words])}")
    for path in DOCUMENTS
    for name, words in invocations_in(path)
]
# The files that a reader of "Add a recipe" writes; tests/end_to_end/recipes runs its commands.
_WRITTEN = (
    "newsgroup_classifier/recipes/spooky_centroids.py",
    "newsgroup_classifier/datasets/reviews.py",
)
_WRITTEN_RECIPES = ("spooky-centroids", "own-model", "my-model")
_PACKAGES = "|".join((*PACKAGES, "infra", "tests", "docs"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=relative)


def test_readme_is_short_and_begins_with_the_two_commands():
    lines = text_of(README).splitlines()
    assert len(lines) <= MOST_LINES
    assert len(text_of(README).split()) <= MOST_WORDS
    first = "\n".join(lines[:30])
    assert "make demo" in first
    assert "make test" in first
    assert "seconds" in first


@every_document
def test_make_targets_in_the_documents_exist(path):
    makefile = text_of(ROOT / "Makefile")
    for target in re.findall(r"(?:^|`|: )make ([a-z-]+)", text_of(path), re.MULTILINE):
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), f"make {target}"


def test_every_command_for_operating_releases_is_run_by_a_test():
    text = text_of(ROOT / "docs/how-to/operate.md")
    tests = re.findall(r"^<!-- run by (\S+) -->\n```bash\n", text, re.MULTILINE)
    assert len(tests) == text.count("```bash\n") > 10
    for test in set(tests):
        assert "docs/how-to/operate.md" in text_of(ROOT / test), test


@every_document
def test_files_and_modules_in_the_documents_exist(path):
    folders = [folder for folder in path.parents if folder.is_relative_to(ROOT)]
    for name in re.findall(rf"`((?:{_PACKAGES})/[\w./-]+)`", text_of(path)):
        assert name in _WRITTEN or any((folder / name).exists() for folder in folders), name
    for module in re.findall(rf"python -m ((?:{_PACKAGES})[a-z_.]*)\b", text_of(path)):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_shell_commands_in_the_documents_have_no_arithmetic_of_bash(path):
    """In double quotes or without any, bash evaluates a JSONPath such as $[0] as arithmetic."""
    for block in re.findall(r"^ *```bash\n(.*?)^ *```", text_of(path), re.MULTILINE | re.DOTALL):
        assert "$[" not in re.sub(r"'[^'\n]*'", "", block)


@pytest.mark.parametrize(("name", "words"), INVOCATIONS)
def test_parser_accepts_the_commands_in_the_documents(name, words):
    if words in ([], ["--help"]):
        return
    try:
        arguments = parser_of(name).parse_args(words)
    except argparse.ArgumentError as error:
        pytest.fail(str(error))
    recipe = getattr(arguments, "recipe", None)
    if recipe not in (None, "", "NAME", *_WRITTEN_RECIPES) and ".py" not in recipe:
        check_hyperparameters(arguments)


def check_hyperparameters(arguments: argparse.Namespace) -> None:
    recipe = find_recipe(arguments.recipe)
    known = {parameter.name: parameter for parameter in recipe.hyperparameters}
    for override in getattr(arguments, "overrides", None) or ():
        name, _, value = override.partition("=")
        known[name].parse(value)
    preset = getattr(arguments, "preset", None)
    assert preset is None or preset in recipe.presets


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown_in_a_guide(command):
    for path in DOCUMENTS:
        shown = {name for name, _ in invocations_in(path)}
        if path not in pages() and (command in shown or f"`make {command}`" in text_of(path)):
            return
    pytest.fail(f"no guide shows how to use {command}")


def _tree_paths():
    block = text_of(README).split("## The tree")[1].split("```text\n")[1].split("```")[0]
    folder = ""
    for line in block.splitlines():
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
            yield name
        else:
            yield folder + name


@pytest.mark.parametrize("path", list(_tree_paths()))
def test_path_in_the_tree_of_the_readme_exists(path):
    assert (ROOT / path).exists()


def test_tree_of_the_readme_has_every_package_and_the_folders_of_library_and_commands():
    names = set(_tree_paths())
    assert {f"{package}/" for package in PACKAGES} <= names
    for package in ("newsgroup_classifier", "scripts"):
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert {f"{package}/{folder}/" for folder in folders} <= names


@pytest.mark.parametrize("path", topics(), ids=lambda path: path.stem)
def test_decisions_are_dated(path):
    _, *entries = text_of(path).split("\n## ")
    assert entries
    for entry in entries:
        assert re.match(r".+\n\n\*\d{4}-\d{2}-\d{2}\.\* ", entry), entry.splitlines()[0]


@every_document
def test_links_lead_to_files_and_headings_that_exist(path):
    for target in links_of(path):
        file, _, fragment = target.partition("#")
        linked = path.parent / file if file else path
        assert linked.exists(), f"{target} does not exist"
        if fragment:
            anchors = [anchor_of(heading) for heading in headings_of(linked)]
            assert fragment in anchors, f"{target} is not a heading"
            assert anchors.count(fragment) == 1, f"{target} is the heading of several sections"


def test_errors_of_the_endpoint_and_the_http_api_have_the_documented_shape():
    page = text_of(ROOT / "docs/reference/requests.md")
    blocks = [json.loads(block) for block in re.findall(r"(?s)```json\n(.*?)```", page)]
    (documented,) = (block["error"] for block in blocks if "error" in block)
    error = json.loads(Rejection(400, "InvalidInput", "...").body())["error"]
    assert set(error) == set(documented)
    assert list(error["accepted"]) == list(documented["accepted"])
    for name, (first, rest) in documented["accepted"].items():
        assert (error["accepted"][name][0], rest) == (first, "...")
    (accepted,) = (block["accepted"] for block in blocks if "accepted" in block)
    assert error_body(RequestError("..."), "...")["error"]["accepted"] == accepted


@pytest.mark.parametrize("path", pages(), ids=relative)
def test_generated_page_is_current(path):
    assert path.exists(), f"{relative(path)} does not exist: run make reference"
    assert path.read_text(encoding="utf-8") == pages()[path], (
        f"{relative(path)} is out of date: run make reference"
    )
