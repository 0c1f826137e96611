"""The local AWS reproduces what the project's programs call, and what a stranger's own need."""

import re
from pathlib import Path

import pytest
from botocore import xform_name

from local_aws.sagemaker.control import OPERATIONS, service_model

ROOT = Path(__file__).resolve().parents[2]
# The local AWS's own tests show that an operation works, not that anybody needs it.
FOLDERS = ("scripts", "tests/scripts", "tests/end_to_end")
FOR_STRANGERS = {
    "AddTags": "a stranger's program tags what it made, once it is made",
    "DeleteTags": "a stranger's program takes tags away again",
    "ListTags": "a stranger's clean-up finds its own resources by their tags",
    "DescribeModelPackageGroup": "a stranger's program looks whether its group exists",
}


def files_that_call(operation: str) -> list[str]:
    """Return the files that call an operation, or name it to a planned Call or a paginator."""
    name = xform_name(operation)
    call = re.compile(rf"\.{name}\(|[\"']{name}[\"']")
    return sorted(
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if call.search(path.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - FOR_STRANGERS.keys()))
def test_operation_reproduced_is_called_by_a_program_or_an_end_to_end_test(operation):
    files = files_that_call(operation)
    assert files, f"no file of {', '.join(FOLDERS)} calls {operation}"
    print(f"{operation} is used by {', '.join(files)}")  # noqa: T201 - shown by pytest -rP


@pytest.mark.parametrize("operation", sorted(FOR_STRANGERS))
def test_operation_reproduced_for_strangers_is_one_that_is_reproduced(operation):
    assert operation in OPERATIONS


def test_call_of_a_longer_name_is_no_call_of_a_shorter_one():
    files = files_that_call("DescribeModelPackage")
    assert files
    assert "scripts/account/registry.py" not in files_that_call("DescribeModel")


def test_operations_reproduced_are_sagemakers_own():
    assert set(OPERATIONS) <= set(service_model().operation_names)
