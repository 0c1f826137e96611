"""The one command line: it lists the commands, runs each, and prints its own name."""

import json
import subprocess
import sys
import tomllib

import pytest

from local_aws.testing import ROOT
from scripts.__main__ import COMMANDS
from tests.scripts.processes import RECIPE, SCRIPTS, clean_environment

_IMPORTED = """
import json, sys
from scripts.__main__ import main
main(["--help"])
ours = ("scripts", "newsgroup_classifier")
print(json.dumps([name for name in sys.modules if name.split(".")[0] in ours]))
"""
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
# As pip and uv write it into bin/.
_CONSOLE_SCRIPT = "import sys\nfrom scripts.__main__ import main\nsys.exit(main())\n"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=clean_environment(), capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def console_script(tmp_path_factory) -> str:
    """Write the console script; return its path."""
    path = tmp_path_factory.mktemp("bin") / "newsgroup-classifier"
    path.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{_CONSOLE_SCRIPT}")
    return str(path)


def test_every_command_is_listed():
    assert [name.replace("-", "_") for name in sorted(COMMANDS)] == sorted(SCRIPTS)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_list_of_commands_fits_on_one_screen_with_an_example(console_script, words):
    for start in ([console_script], ["-m", "scripts"]):
        ended = run(*start, *words)
        assert (ended.returncode, ended.stderr) == (0, "")
        lines = ended.stdout.splitlines()
        assert len(lines) <= 25
        assert max(map(len, lines)) <= 80
        program = "newsgroup-classifier" if start == [console_script] else "python -m scripts"
        assert lines[0] == f"usage: {program} COMMAND [options]"
        assert f"  {program} demo" in lines
        for name, text in COMMANDS.items():
            assert any(line.split(None, 1) == [name, text] for line in lines)


def test_list_of_commands_imports_no_command_and_no_recipe():
    loaded = set(json.loads(run("-c", _IMPORTED).stdout.splitlines()[-1]))
    names = ("account", "account.command", "account.messages")
    names += ("account.naming", "account.parsing")
    ours = {"scripts", "scripts.__main__", *(f"scripts.{name}" for name in names)}
    parts = ("data_names", "datasets", "errors", "own_code")
    library = {"newsgroup_classifier", *(f"newsgroup_classifier.{name}" for name in parts)}
    assert loaded == ours | library


@pytest.mark.parametrize("name", ["upload-data", "upload_data"])
def test_console_script_prints_its_own_name_in_usage_examples_and_errors(console_script, name):
    ended = run(console_script, name, "--help")
    assert ended.stdout.startswith("usage: newsgroup-classifier upload-data ")
    assert f"newsgroup-classifier upload-data --recipe {RECIPE}\n" in ended.stdout
    assert "`newsgroup-classifier recipes` lists" in ended.stdout
    assert "python -m" not in ended.stdout
    ended = run(console_script, name)
    assert ended.returncode == 2
    assert "newsgroup-classifier upload-data: error: one of the arguments" in ended.stderr


def test_help_is_also_a_word_and_the_version_is_printed(console_script):
    assert run(console_script, "help", "train").stdout == run(console_script, "train", "-h").stdout
    ended = run(console_script, "--version")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{VERSION}\n", "")


def test_unknown_command_names_the_nearest(console_script):
    ended = run(console_script, "trian")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "newsgroup-classifier: error: unknown command 'trian'; did you mean train?\n"
    )
    ended = run("-m", "scripts", "zzz")
    assert ended.stderr == (
        "python -m scripts: error: unknown command 'zzz'; --help lists the commands\n"
    )
