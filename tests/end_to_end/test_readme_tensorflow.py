"""The README's commands for TensorFlow Serving, run as written on generated data."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.testing import running_local_aws
from newsgroup_classifier.datasets.mnist import LABEL_NAMES as DIGITS
from newsgroup_classifier.datasets.uci_news import LABEL_NAMES as CATEGORIES

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"<!-- run by tests/end_to_end/test_readme_tensorflow.py -->\n```bash\n(.*?)```", re.DOTALL
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outputs():
    """Run every command of the marked blocks; return each command line's JSON object."""
    texts, images = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    found = {}
    with running_local_aws() as local_aws:
        environment = {**os.environ, **local_aws.environment()}
        for line in ["python -m scripts.setup", *(texts + images).splitlines()]:
            command = [sys.executable, *shlex.split(line)[1:]]
            if "scripts.upload_data" in line:
                command.append("--generated-sample")  # real headlines train for minutes
            finished = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
            )
            assert finished.returncode == 0, f"{line}\n{finished.stderr}"
            found[line.removeprefix("python -m scripts.")] = json.loads(finished.stdout)
    return found


def test_readme_commands_get_the_same_answer_at_both_endpoints_of_a_text_recipe(outputs):
    pipeline, single = (
        answer["predictions"][0]
        for line, answer in outputs.items()
        if line.startswith("invoke --recipe headlines-fast")
    )
    assert pipeline["label"] == single["label"]
    assert tuple(pipeline["probabilities"]) == CATEGORIES
    assert pipeline["probabilities"] == pytest.approx(single["probabilities"], rel=0, abs=1e-6)


def test_readme_commands_get_an_answer_for_an_example_image(outputs):
    (prediction,) = outputs["invoke --recipe digits-cnn"]["predictions"]
    assert tuple(prediction["probabilities"]) == DIGITS
    assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_readme_commands_delete_both_endpoints(outputs):
    assert outputs["delete --recipe headlines-fast"]["deleted"]["endpoint"] == 2
    assert outputs["delete --recipe digits-cnn"]["deleted"]["endpoint"] == 1
