"""The README's commands, run as written, in order, against a local AWS of their own."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.testing import running_local_aws

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ("--generated-sample",)
# Without the files the tests, which have no network, have the sample alone.
REAL = () if "DATASETS_DIR" in os.environ else SAMPLE
BLOCK = re.compile(r"<!-- run by tests/end_to_end/test_readme.py -->\n```bash\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module", params=[SAMPLE, pytest.param(REAL, marks=pytest.mark.slow)])
def outputs(request):
    """Run every command of the marked blocks; return each command's JSON object, and the data."""
    blocks = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(blocks) == 2
    found = {"data": request.param}
    with running_local_aws() as local_aws:
        environment = {**os.environ, **local_aws.environment()}
        for line in "".join(blocks).splitlines():
            command = [sys.executable, *shlex.split(line)[1:]]
            if "scripts.upload_data" in line:
                command += request.param
            finished = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
            )
            assert finished.returncode == 0, f"{line}\n{finished.stderr}"
            found[line.split()[2]] = json.loads(finished.stdout)
    return found


def test_readme_commands_upload_both_channels(outputs):
    assert set(outputs["scripts.upload_data"]["channels"]) == {"train", "test"}


def test_readme_commands_train_approve_and_deploy_one_model(outputs):
    package = outputs["scripts.train"]["model_package_arn"]
    assert outputs["scripts.approve"]["model_package_arn"] == package
    assert outputs["scripts.deploy"]["model_package_arn"] == package


def test_readme_commands_get_a_prediction_for_the_post_of_the_documents(outputs):
    prediction = outputs["scripts.invoke"]["predictions"][0]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)
    if outputs["data"] is REAL:
        assert prediction["label"] == "rec.autos"


def test_readme_commands_transform_every_post_of_the_documents(outputs):
    assert outputs["scripts.transform"]["records"] == 3


def test_readme_commands_delete_what_they_made(outputs):
    deleted = outputs["scripts.delete"]["deleted"]
    assert deleted["endpoint"] == deleted["model"] == deleted["stack"] == 1
