"""Run the commands of a document, in order."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from botocore import xform_name

from local_aws.testing import ROOT, running_local_aws
from tests.scripts.forks import run_forked

_PROGRAM = "newsgroup-classifier "
_COMMAND = (sys.executable, "-m", "scripts")  # works without an installed console script
_CURL, _ADDRESS = "curl ", "API_URL"


def marked_blocks(page: str, test: str, language: str = "bash") -> list[str]:
    """Return the blocks of a page under the comment `run by` with the name of a test file."""
    mark = re.escape(f"<!-- run by {test} -->")
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"{mark}\n```{language}\n(.*?)```", text, re.DOTALL)
    assert blocks, f"{page} has no block that is run by {test}"
    return blocks


def marked_commands(page: str, test: str) -> list[str]:
    """Return the command lines of the marked blocks, without the name of the program."""
    lines = [line for block in marked_blocks(page, test) for line in block.splitlines()]
    return [line.removeprefix(_PROGRAM) for line in lines]


def arguments_of(line: str) -> list[str]:
    """Return the words of a command line without its comment, first the name of the module."""
    name, *rest = shlex.split(line, comments=True)
    return [name.replace("-", "_"), *rest]


def run_commands(
    lines: Iterable[str], upload_flags: Iterable[str] = (), folder: Path = ROOT
) -> dict[str, Any]:
    """Run command lines against a new local AWS; return the JSON output of each.

    `upload_flags` are added to `upload-data`. A curl command calls the API of the last deployment;
    it is skipped if curl is not installed.
    """
    results: dict[str, Any] = {}
    address = ""
    with running_local_aws("--instance-cpus", "1") as local_aws:
        environment = local_aws.environment()
        for line in lines:
            if line.startswith(_CURL) and not shutil.which("curl"):
                continue
            parts = arguments_of(line.replace(_ADDRESS, address))
            if parts[0] == "upload_data":
                parts += upload_flags
            if folder == ROOT and not line.startswith(_CURL):
                ended = run_forked("scripts", parts, environment, stdin="")
            else:
                argv = parts if line.startswith(_CURL) else [*_COMMAND, *parts]
                ended = subprocess.run(
                    argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
                )
            assert ended.returncode == 0, f"{line}\n{ended.stderr}"
            results[line] = json.loads(ended.stdout)
            address = results[line].get("api_url", address)
    return results


def run_aws(client_of: Callable[[str], Any], line: str) -> Any:
    """Make the call of a command line of the AWS CLI whose flags have one value each."""
    program, service, command, *words = shlex.split(line)
    assert program == "aws"
    client = client_of({"s3api": "s3"}.get(service, service))
    method = command.replace("-", "_")
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = {f"--{xform_name(name, '-')}": name for name in operation.input_shape.members}
    flags = dict(zip(words[::2], words[1::2], strict=True))
    return getattr(client, method)(**{members[flag]: value for flag, value in flags.items()})


def result_of(results: dict[str, Any], beginning: str) -> Any:
    """Return the result of the only command line with this beginning."""
    (match,) = (result for line, result in results.items() if line.startswith(beginning))
    return match
