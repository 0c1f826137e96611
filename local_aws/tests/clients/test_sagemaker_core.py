"""A program of sagemaker-core runs unchanged in the local AWS."""

import json
import subprocess
from pathlib import Path

import pytest

from local_aws.tests.account import IMAGE
from local_aws.tests.clients.packages import OFFLINE, python_with
from local_aws.tests.sagemaker.training.iris import SCRIPT, data_csv

pytestmark = [pytest.mark.toolkit, pytest.mark.slow]
CORE = "sagemaker-core==2.27.0"
PROGRAM = Path(__file__).with_name("sagemaker_core_workflow.py")


@pytest.mark.timeout(600)
@pytest.mark.observes("sagemaker-core")
def test_program_trains_deploys_invokes_transforms_and_deletes(account, tmp_path):
    data = account.upload("core/data/iris.csv", data_csv()).rpartition("/")[0]
    bundle = account.upload_bundle({"iris.py": SCRIPT})
    ended = subprocess.run(
        [*python_with(CORE), str(PROGRAM), account.role, account.bucket, data, IMAGE, bundle],
        env=account.aws.environment() | OFFLINE,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found == {"job": "Completed", "predictions": [0, 2], "transform": "Completed"}
    scored = account.s3.get_object(Bucket=account.bucket, Key="core/scored/iris.csv.out")
    assert set(scored["Body"].read().split()) == {b"0", b"1", b"2"}
    for operation, key in (
        (account.sagemaker.list_models, "Models"),
        (account.sagemaker.list_endpoints, "Endpoints"),
    ):
        assert operation(NameContains="core-workflow")[key] == []
