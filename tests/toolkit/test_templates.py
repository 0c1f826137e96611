"""The templates pass AWS's own validation and a security check, each exception with its reason."""

import subprocess

import pytest

from local_aws.testing import ROOT

pytestmark = pytest.mark.toolkit


def test_templates_are_clean_for_cfn_lint_sam_and_checkov():
    # The environment that this test runs in is not to be made anew.
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
