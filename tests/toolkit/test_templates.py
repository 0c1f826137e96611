"""The templates pass AWS's validation and a security check, except for checks with a reason."""

import subprocess

import pytest

from local_aws.testing import ROOT

pytestmark = pytest.mark.toolkit


def test_templates_are_clean_for_cfn_lint_sam_and_checkov():
    # Do not rebuild the environment of this test.
    ended = subprocess.run(
        ["make", "--old-file", ".venv/.dev", "templates"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "is a valid SAM Template" in ended.stdout
    assert "Failed checks: 0" in ended.stdout
