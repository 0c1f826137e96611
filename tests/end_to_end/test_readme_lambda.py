"""The README's commands for Lambda, run as written, and its call of the API with curl."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from local_aws.testing import ROOT, running_local_aws
from tests.data_source import SAMPLE

README = (ROOT / "README.md").read_text(encoding="utf-8")
MARK = "<!-- run by tests/end_to_end/test_readme_lambda.py -->\n"
BLOCK = re.compile(MARK + r"```bash\n(.*?)```", re.DOTALL)
CURL = re.compile(r"^curl .*API_URL/predict$", re.MULTILINE)


@pytest.fixture(scope="module", params=["sample", pytest.param("real", marks=pytest.mark.slow)])
def outputs(request, data_source):
    """Run the marked block after setup, and curl; return what each printed."""
    if request.param == "real" and not data_source.real:
        pytest.skip("DATASETS_DIR is not set: no real data sets here")
    (block,) = BLOCK.findall(README)
    (curl,) = CURL.findall(README)
    found = {}
    with running_local_aws() as local_aws:
        environment = {**os.environ, **local_aws.environment()}
        for line in ["python -m scripts.setup", *block.splitlines()]:
            command = [sys.executable, *shlex.split(line)[1:]]
            if "scripts.upload_data" in line:
                command += SAMPLE if request.param == "sample" else ()
            found[line.split()[2]] = printed(command, environment)
        if shutil.which("curl"):
            line = curl.replace("API_URL", found["scripts.deploy"]["api_url"])
            found["curl"] = printed(shlex.split(line), environment)
    return found


def printed(command: list[str], environment: dict[str, str]) -> dict:
    """Return the JSON object that a command prints."""
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f"{command}\n{ended.stderr}"
    return json.loads(ended.stdout)


def test_readme_commands_deploy_the_model_that_they_trained(outputs):
    deployed = outputs["scripts.deploy"]
    assert {"stack_name", "function_name", "api_url"} <= set(deployed)
    assert deployed["model_package_arn"] == outputs["scripts.train"]["model_package_arn"]


def test_readme_commands_get_one_answer_by_invoke_and_by_curl(outputs):
    (prediction,) = outputs["scripts.invoke"]["predictions"]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)
    if "curl" in outputs:
        assert outputs["curl"] == outputs["scripts.invoke"]
