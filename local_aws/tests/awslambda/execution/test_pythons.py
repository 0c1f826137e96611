"""Functions of a Python other than that of the local AWS."""

import json
import os
import shutil
from pathlib import Path

import pytest

from local_aws.awslambda.execution.runtime_site import RuntimeMissing, find_python, runtime_name
from local_aws.testing import ROOT, running_local_aws
from local_aws.tests.account import Account
from local_aws.tests.awslambda.functions import Lambdas

OTHER = "3.12" if runtime_name() == "python3.11" else "3.11"
VERSION = "import sys, boto3\n\ndef handler(event, context):\n    return sys.version.split()[0]\n"


def uv() -> str | None:
    """Return the uv of the computer or of the project."""
    own = ROOT / ".venv-uv" / "bin" / "uv"
    return shutil.which("uv") or (str(own) if own.exists() else None)


@pytest.mark.slow
@pytest.mark.observes("other-python")
def test_function_of_another_python_runs_under_that_python(monkeypatch):
    if uv() is None:
        pytest.skip("needs uv")
    monkeypatch.setenv("UV", uv())
    for folder in Path.home().glob(f".pyenv/versions/{OTHER}.*/bin"):
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    try:
        find_python(f"python{OTHER}")
    except RuntimeMissing as error:
        pytest.skip(f"needs Python {OTHER}: {error}")
    with running_local_aws() as aws:
        lambdas = Lambdas(aws, Account(aws))
        name = lambdas.create(VERSION, Runtime=f"python{OTHER}", Timeout=60, MemorySize=512)
        payload = lambdas.client.invoke(FunctionName=name)["Payload"].read()
        assert json.loads(payload).startswith(f"{OTHER}."), payload


@pytest.fixture
def no_pythons_known():
    """Forget which Pythons were found, before and after a test that hides uv."""
    find_python.cache_clear()
    yield
    find_python.cache_clear()


@pytest.mark.observes("other-python")
@pytest.mark.usefixtures("no_pythons_known")
def test_another_python_without_uv_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("UV", raising=False)
    with pytest.raises(
        RuntimeMissing, match="Put uv on its PATH to run functions of other versions"
    ):
        find_python(f"python{OTHER}")


@pytest.mark.observes("other-python")
@pytest.mark.usefixtures("no_pythons_known")
def test_reason_of_uv_is_repeated_when_it_has_no_such_python(monkeypatch, tmp_path):
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'error: no such Python' >&2\nexit 2\n")
    uv.chmod(0o755)
    monkeypatch.setenv("UV", str(uv))
    message = rf"uv could not provide python{OTHER} \(error: no such Python\)"
    with pytest.raises(RuntimeMissing, match=message):
        find_python(f"python{OTHER}")
