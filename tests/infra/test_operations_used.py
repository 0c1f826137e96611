"""The local AWS reproduces what something here calls, and nothing else."""

from pathlib import Path

import pytest
from botocore import xform_name

from infra.local_aws.api import OPERATIONS, service_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def callers() -> dict[Path, str]:
    """Read every script and test, but for this file."""
    paths = [path for folder in ("scripts", "tests") for path in (ROOT / folder).rglob("*.py")]
    return {path: path.read_text(encoding="utf-8") for path in paths if path != Path(__file__)}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_operation_reproduced_is_called_by_a_script_or_a_test(callers, operation):
    name = xform_name(operation)
    assert any(name in text for text in callers.values()), f"nothing calls {name}"


def test_operations_reproduced_are_sagemakers_own():
    assert set(OPERATIONS) <= set(service_model().operation_names)
