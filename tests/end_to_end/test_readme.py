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
from tests.data_source import SAMPLE

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run by tests/end_to_end/test_readme.py -->\n```bash\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module", params=["sample", pytest.param("real", marks=pytest.mark.slow)])
def outputs(request, data_source):
    """Run every command of the marked blocks; return each command's JSON object, and the data."""
    blocks = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(blocks) == 2
    if request.param == "real" and not data_source.real:
        pytest.skip("DATASETS_DIR is not set: no real data sets here")
    found = {"data": request.param}
    with running_local_aws() as local_aws:
        environment = {**os.environ, **local_aws.environment()}
        for line in "".join(blocks).splitlines():
            command = [sys.executable, *shlex.split(line)[1:]]
            if "scripts.upload_data" in line:
                command += SAMPLE if request.param == "sample" else ()
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
    if outputs["data"] == "real":
        assert prediction["label"] == "rec.autos"


def test_readme_commands_transform_every_post_of_the_documents(outputs):
    assert outputs["scripts.transform"]["records"] == 3


def test_readme_commands_delete_what_they_made(outputs):
    deleted = outputs["scripts.delete"]["deleted"]
    assert deleted["endpoint"] == deleted["model"] == deleted["stack"] == 1
