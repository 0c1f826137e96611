"""The local AWS reproduces operations that this project's or other programs call."""

import re

import pytest
from botocore import xform_name
from moto.core.utils import get_service_model

from local_aws.sagemaker.control import OPERATIONS
from tests.project.sources import ROOT

# The local AWS's own tests show that an operation works, not that a program needs it.
FOLDERS = ("scripts", "tests/scripts", "tests/end_to_end")
FOR_OTHERS = {
    "AddTags": "other programs tag resources after creating them",
    "DeleteProcessingJob": "other programs remove jobs that have ended",
    "DeleteTags": "other programs remove tags",
    "DeleteTrainingJob": "other programs remove jobs that have ended",
    "ListProcessingJobs": "other programs find their jobs",
    "UpdateEndpointWeightsAndCapacities": "other programs shift traffic between live variants",
    "DescribeModelPackageGroup": "other programs check whether their group exists",
}


def files_that_call(operation: str) -> list[str]:
    """Return the files that call an operation, or name it for a planned Call or a paginator."""
    name = xform_name(operation)
    call = re.compile(rf"\.{name}\(|[\"']{name}[\"']")
    return sorted(
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if call.search(path.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - FOR_OTHERS.keys()))
def test_reproduced_operation_is_called_by_a_command_or_an_end_to_end_test(operation):
    files = files_that_call(operation)
    assert files, f"no file of {', '.join(FOLDERS)} calls {operation}"
    print(f"{operation} is used by {', '.join(files)}")  # noqa: T201 - shown by pytest -rP


@pytest.mark.parametrize("operation", sorted(FOR_OTHERS))
def test_operation_for_other_programs_is_reproduced(operation):
    assert operation in OPERATIONS


def test_call_of_an_operation_does_not_count_for_its_prefix():
    files = files_that_call("DescribeModelPackage")
    assert files
    assert "scripts/account/registry.py" not in files_that_call("DescribeModel")


def test_reproduced_operations_are_operations_of_sagemaker():
    assert set(OPERATIONS) <= set(get_service_model("sagemaker").operation_names)
