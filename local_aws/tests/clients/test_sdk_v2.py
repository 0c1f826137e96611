"""Programs of SDK v2 run unchanged in the local AWS, with its defaults."""

import json
import subprocess
from pathlib import Path

import pytest

from local_aws.cloud import split_uri
from local_aws.tests.account import IMAGE, unique
from local_aws.tests.clients.packages import OFFLINE, python_with
from local_aws.tests.clients.points import DOUBLE, POINTS, TRAIN

pytestmark = [pytest.mark.toolkit, pytest.mark.slow]
SDK = "sagemaker==2.257.7"
FOLDER = Path(__file__).parent
CENSUS = "age,income\n" + "".join(f"{age},{age % 2}\n" for age in range(20, 60))


@pytest.fixture(scope="module")
def python() -> list[str]:
    """Return the command of a Python with the SDK."""
    return python_with(SDK)


@pytest.fixture
def run(account, python, tmp_path):
    """Return a function that runs a program of this folder with data, and returns its output."""

    def run(program: str, data: str) -> list[str]:
        ended = subprocess.run(
            [*python, str(FOLDER / program), account.role, account.bucket, data, IMAGE],
            env=account.aws.environment() | OFFLINE,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.splitlines()

    return run


@pytest.mark.observes("processing-sdk-v2")
def test_processor_splits_data_into_two_outputs(account, run):
    data = account.upload(f"{unique('data')}/census.csv", CENSUS)
    status, *outputs = run("sdk_v2_processor.py", data)[-3:]
    assert status == "Completed"
    lines = {}
    for name, uri in map(str.split, outputs):
        bucket, key = split_uri(f"{uri}/{name.removesuffix('_data')}.csv")
        body = account.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        lines[name] = len(body.splitlines())
    assert lines == {"train_data": 33, "test_data": 9}


@pytest.mark.timeout(600)
@pytest.mark.observes("sdk-v2")
def test_program_trains_deploys_attaches_tunes_transforms_registers_and_chains(
    account, run, tmp_path
):
    for name, text in (("train.py", TRAIN), ("double.py", DOUBLE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    data = account.upload(f"{unique('data')}/points.csv", POINTS)
    assert json.loads(run("sdk_v2_workflow.py", data)[-1]) == {
        "curve": [["accuracy"], [1.0]],
        "predictions": [0, 1],
        "attached": True,
        "tuned": 2,
        "best": True,
        "transformed": True,
        "package": "model-package/sdk-v2/1",
        "chained": [0, 0],
    }
