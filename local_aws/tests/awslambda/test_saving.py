"""Functions of an earlier run can be called and changed, however the run ended."""

from pathlib import Path
from typing import Any

import pytest

from local_aws.awslambda import configuration
from local_aws.awslambda.code import store
from local_aws.awslambda.execution.runtime_site import runtime_name
from local_aws.awslambda.operations import OPERATIONS
from local_aws.awslambda.records import Function
from local_aws.awslambda.saving import restore, saved
from local_aws.awslambda.service import Functions
from local_aws.settings import FunctionSettings, Settings
from local_aws.tests.awslambda.functions import zipped, zipped_version

SUCCESSFUL = {"State": "Active", "LastUpdateStatus": "Successful"}


def lambda_in(folder: Path) -> Functions:
    return Functions("us-east-1", Settings(folder), FunctionSettings())


def add(functions: Functions, name: str, data: bytes, **status: str) -> None:
    """Store a function that has a status."""
    code = store(data, functions.code_folder())
    request = {"FunctionName": name, "Runtime": runtime_name(), "Handler": "app.handler"}
    latest = configuration.new(request, functions.place) | configuration.of_code(code) | status
    functions.table[name] = Function(name, functions.new_version(latest, code), {})


@pytest.mark.observes("data-folder")
def test_creations_and_updates_that_a_stop_cut_off_are_settled_and_others_are_unchanged(tmp_path):
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    broken = bytearray(zipped({"app.py": "x = 1\n" * 1000}))
    broken[broken.index(b"app.py") + 20] ^= 0xFF  # in its compressed bytes
    before, after = lambda_in(tmp_path / "before"), lambda_in(tmp_path / "after")
    add(before, "new", zipped_version("a"), State="Pending", StateReasonCode="Creating")
    add(before, "updating", zipped_version("b"), **SUCCESSFUL)
    latest = before.table["updating"].latest
    latest.replaced = latest.configuration
    changed = {"CodeSha256": "of the new code", "MemorySize": 999, "Timeout": 99}
    latest.configuration = latest.configuration | changed | {"LastUpdateStatus": "InProgress"}
    failed = SUCCESSFUL | {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "why"}
    add(before, "failed", zipped_version("c"), **failed)
    add(before, "broken", bytes(broken), **SUCCESSFUL)
    restore(after, saved(before))

    def described(functions: Functions, name: str) -> dict[str, Any]:
        return OPERATIONS["GetFunctionConfiguration"](functions, {"FunctionName": name})

    new, updated = described(after, "new"), described(after, "updating")
    assert new.items() >= SUCCESSFUL.items() and "StateReasonCode" not in new
    assert OPERATIONS["PublishVersion"](after, {"FunctionName": "new"})["Version"] == "1"
    assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "Failed")
    assert updated["CodeSha256"] == latest.code.sha256
    assert (updated["MemorySize"], updated["Timeout"]) == (128, 3)
    assert described(after, "failed") == described(before, "failed")
    assert described(after, "broken")["StateReasonCode"] == "InvalidZipFileException"
