"""Programs of SDK v3 run unchanged in the local AWS, with its defaults."""

import json
import sys
from pathlib import Path

import pytest

from local_aws.cloud import split_uri
from local_aws.testing import running_local_aws
from local_aws.tests.account import IMAGE, unique
from local_aws.tests.clients.packages import run_with_sdk_v3
from local_aws.tests.clients.points import DOUBLE, POINTS, TRAIN
from local_aws.tests.test_documents import PAGE, block, run

pytestmark = [pytest.mark.toolkit, pytest.mark.slow]
PROGRAM = Path(__file__).with_name("sdk_v3_workflow.py")


@pytest.fixture
def role(account) -> str:
    """Return a role with the policies that people attach to an execution role."""
    arn = account.create_role("sagemaker.amazonaws.com")
    for policy in ("AmazonSageMakerFullAccess", "AmazonS3FullAccess"):
        account.iam.attach_role_policy(
            RoleName=arn.rpartition("/")[2], PolicyArn=f"arn:aws:iam::aws:policy/{policy}"
        )
    return arn


@pytest.mark.timeout(600)
@pytest.mark.observes("sdk-v3")
def test_program_trains_deploys_invokes_chains_transforms_and_deletes(account, role, tmp_path):
    (tmp_path / "src").mkdir()
    for name, text in (("train.py", TRAIN), ("double.py", DOUBLE)):
        (tmp_path / "src" / name).write_text(text, encoding="utf-8")
    data = account.upload(f"{unique('data')}/points.csv", POINTS).rpartition("/")[0]
    before = {model["ModelName"] for model in account.sagemaker.list_models()["Models"]}
    ended = run_with_sdk_v3(
        account.aws.environment(),
        tmp_path,
        PROGRAM.read_text(encoding="utf-8"),
        *(role, account.bucket, data, IMAGE),
    )
    found = json.loads(ended.stdout.splitlines()[-1])
    bucket, key = split_uri(f"{found.pop('output')}/points.csv.out")
    scored = account.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert scored.split() == [b"0"] * 6 + [b"1"] * 4
    assert found == {"predictions": [0, 1], "chained": [0, 1], "transform": "Completed"}
    assert {model["ModelName"] for model in account.sagemaker.list_models()["Models"]} == before


def test_program_of_the_page_trains_and_deploys(tmp_path):
    for name in ("iris.py", "release.py", "src/iris.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block(PAGE, Path(name).name), encoding="utf-8")
    with running_local_aws("--instance-cpus", "1") as aws:
        run(aws, tmp_path, sys.executable, "release.py")
        ended = run_with_sdk_v3(aws.environment(), tmp_path, block(PAGE, "sdk"))
        jobs = aws.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert ended.stdout.endswith("[0, 2]\n")
    assert [job["TrainingJobStatus"] for job in jobs] == ["Completed"] * 2
