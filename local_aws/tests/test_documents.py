"""The programs and commands in the documents run as they are written."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session

from local_aws.cloudformation.providers import PROVIDERS
from local_aws.sagemaker.containers.images import all_images
from local_aws.testing import LocalAws, running_local_aws

FOLDER = Path(__file__).resolve().parents[1]
README = FOLDER / "README.md"
PAGE = FOLDER / "docs" / "use-with-your-own-programs.md"
SCOPE = FOLDER / "docs" / "what-is-reproduced.md"


def block(path: Path, mark: str) -> str:
    """Return the code block that follows a comment in a document."""
    pattern = re.compile(rf"<!-- {re.escape(mark)} -->\n```\w+\n(.*?)```\n", re.DOTALL)
    (code,) = pattern.findall(path.read_text(encoding="utf-8"))
    return str(code)


@pytest.fixture(scope="module")
def empty_account() -> LocalAws:
    """Start a local AWS that no other test uses."""
    with running_local_aws() as aws:
        yield aws


def run(aws: LocalAws, folder: Path, *command: str) -> str:
    """Run a command in a folder, directed to a local AWS; return its output."""
    env = {**aws.environment(), "PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_program_of_the_readme_deploys_and_invokes_a_function(empty_account, tmp_path):
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    code = block(README, "run by tests/test_documents.py")
    assert run(empty_account, tmp_path, sys.executable, "-c", code) == "b'42'\n"


@pytest.mark.slow
def test_program_of_the_page_trains_and_deploys(empty_account, tmp_path):
    for name in ("iris.py", "release.py"):
        (tmp_path / name).write_text(block(PAGE, name))
    assert run(empty_account, tmp_path, sys.executable, "release.py") == "[0, 2]\n"


@pytest.mark.slow
def test_test_of_the_page_passes(empty_account, tmp_path):
    (tmp_path / "test_bucket.py").write_text(block(PAGE, "test_bucket.py"))
    assert "1 passed" in run(empty_account, tmp_path, sys.executable, "-m", "pytest", "-q")


@pytest.mark.parametrize("line", block(PAGE, "aws").splitlines())
def test_command_of_the_page_is_one_of_the_aws_cli(line):
    program, service, command, *arguments = shlex.split(line)
    assert program == "aws"
    if service != "s3":  # which has commands of its own
        model = get_session().get_service_model(service)
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        members = model.operation_model(operations[command]).input_shape.members
        flags = {f"--{xform_name(name, '-')}" for name in members}
        assert {word for word in arguments if word.startswith("--")} <= flags


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not installed")
def test_commands_of_the_page_run_in_the_aws_cli(empty_account, tmp_path):
    for line in block(PAGE, "aws").splitlines():
        if "iris" not in line and "log-streams" not in line:
            run(empty_account, tmp_path, *shlex.split(line))


def test_page_names_the_resource_types_that_stacks_create():
    names = re.findall(r"`(?!AWS::|Fn::)(\w+::\w+)`", SCOPE.read_text(encoding="utf-8"))
    assert sorted(f"AWS::{name}" for name in names) == sorted(PROVIDERS)


def test_page_has_a_table_of_all_images():
    rows = re.findall(r"^\| `[\w.-]+/([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(image.name for image in all_images())


@pytest.mark.parametrize("path", [README, *PAGE.parent.glob("*.md")], ids=lambda path: path.name)
def test_links_of_a_document_lead_to_files(path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]
