"""The checkpoint folder of a training job, and managed spot training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.jobs.uploads import Checkpoints
from local_aws.tests.account import eventually, unique

TRAIN = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(os.environ["SM_MODEL_DIR"]).parent / "checkpoints"
print("found", sorted(str(path.relative_to(folder)) for path in folder.rglob("*.txt")))
(folder / "deep").mkdir(exist_ok=True)
(folder / "deep" / "epoch.txt").write_text("1")
"""
GET_KILLED = """
(folder / "last.txt").write_text("written at the last moment")
os.kill(os.getpid(), signal.SIGKILL)
"""
WAIT_FOR_STOP = """
def on_term(number, frame):
    (folder / "last.txt").write_text("written after the stop")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
time.sleep(600)
"""
DELETE = """
(folder / "old.txt").unlink()
(folder / "deep" / "epoch.txt").write_text("2")
"""


@pytest.fixture
def config(account) -> dict[str, Any]:
    """Return a CheckpointConfig with a new prefix."""
    return {"S3Uri": f"s3://{account.bucket}/{unique('checkpoints')}"}


@pytest.fixture
def stored(account, config) -> Callable[[], dict[str, str]]:
    """Return a function that returns the objects under the prefix."""
    prefix = config["S3Uri"].removeprefix(f"s3://{account.bucket}/") + "/"

    def read() -> dict[str, str]:
        objects = account.s3.list_objects_v2(Bucket=account.bucket, Prefix=prefix)
        keys = [item["Key"] for item in objects.get("Contents", [])]
        gets = {key: account.s3.get_object(Bucket=account.bucket, Key=key) for key in keys}
        return {key.removeprefix(prefix): get["Body"].read().decode() for key, get in gets.items()}

    return read


@pytest.mark.slow
@pytest.mark.observes("checkpoints-at-the-end", "checkpoints-at-start")
def test_checkpoints_of_a_killed_job_are_downloaded_for_the_next_one(account, config, stored):
    job = account.run_job(TRAIN + GET_KILLED, "Failed", CheckpointConfig=config)
    assert "ExitCode -9" in job["FailureReason"]
    assert stored() == {"deep/epoch.txt": "1", "last.txt": "written at the last moment"}
    config["S3Uri"] += "/"
    job = account.run_job(TRAIN, CheckpointConfig=config)
    assert "found ['deep/epoch.txt', 'last.txt']" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
@pytest.mark.observes("checkpoints-continuous", "checkpoints-at-the-end")
def test_checkpoints_are_uploaded_while_the_job_runs_and_after_it_is_stopped(
    account, config, stored
):
    name = account.start_job(TRAIN + WAIT_FOR_STOP, CheckpointConfig=config)
    eventually(lambda: stored() == {"deep/epoch.txt": "1"})
    eventually(lambda: "waiting" in account.job_log(name))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.finished_job(name)["TrainingJobStatus"] == "Stopped"
    assert stored()["last.txt"] == "written after the stop"


@pytest.mark.slow
@pytest.mark.observes("checkpoints-deleted", "checkpoints-local-path")
def test_checkpoint_deleted_in_another_folder_below_opt_ml_stays_in_s3(account, config, stored):
    prefix = config["S3Uri"].removeprefix(f"s3://{account.bucket}/")
    account.upload(f"{prefix}/old.txt", "old")
    account.upload(f"{prefix}-of-another/other.txt", "of another job")
    script = TRAIN.replace('"checkpoints"', '"other" / "folder"') + DELETE
    config["LocalPath"] = "/opt/ml/other/folder/"
    job = account.run_job(script, CheckpointConfig=config)
    assert "found ['old.txt']" in account.job_log(job["TrainingJobName"])
    assert stored() == {"deep/epoch.txt": "2", "old.txt": "old"}
    assert job["CheckpointConfig"] == config


class Bucket:
    """Records uploads."""

    def __init__(self) -> None:
        self.uploads: list[tuple[str, str]] = []

    def upload_file(self, path: str, bucket: str, key: str, ExtraArgs: None) -> None:
        self.uploads.append((f"{bucket}/{key}", Path(path).read_text()))


@pytest.mark.observes("checkpoints-continuous")
def test_checkpoint_is_uploaded_once_per_change_when_it_no_longer_grows(tmp_path):
    bucket, file = Bucket(), tmp_path / "deep" / "epoch.txt"
    copier = Checkpoints(bucket, "s3://b/p/", tmp_path)
    file.parent.mkdir()
    for text in ("h", "ha", "half", "whole"):  # it grows from check to check
        file.write_text(text)
        copier.look()
    assert bucket.uploads == []
    for _ in range(3):
        copier.look()
    assert bucket.uploads == [("b/p/deep/epoch.txt", "whole")]
    file.write_text("changed")
    copier.look()
    copier.look()
    assert bucket.uploads[1:] == [("b/p/deep/epoch.txt", "changed")]


@pytest.mark.slow
def test_checkpoint_that_is_a_pipe_is_skipped(account, config, stored):
    script = TRAIN + '\nos.mkfifo(folder / "pipe")\ntime.sleep(1.2)\n'
    account.run_job(script, CheckpointConfig=config)
    assert stored() == {"deep/epoch.txt": "1"}


@pytest.mark.slow
def test_checkpoint_with_a_name_that_is_not_text_fails_the_job_after_all_uploads(
    account, config, stored
):
    script = (
        TRAIN
        + """
pathlib.Path(os.fsdecode(os.fsencode(folder) + b"/\\xff")).write_text("with a name in bytes")
time.sleep(1.2)
(folder / "last.txt").write_text("written after it")
"""
    )
    reason = account.run_job(script, "Failed", CheckpointConfig=config)["FailureReason"]
    assert reason.startswith("ClientError: Checkpoint upload failed: ")
    assert "surrogates not allowed" in reason
    assert stored() == {"deep/epoch.txt": "1", "last.txt": "written after it"}


def test_job_with_checkpoints_in_a_missing_bucket_fails_before_it_trains(account):
    config = {"S3Uri": "s3://a-missing-bucket/c"}
    job = account.run_job("print('ran')", "Failed", CheckpointConfig=config)
    assert "a-missing-bucket" in job["FailureReason"]
    assert "Training" not in [item["Status"] for item in job["SecondaryStatusTransitions"]]


@pytest.mark.observes("checkpoints-elsewhere")
@pytest.mark.parametrize("path", ["/tmp/c", "/opt/ml", "/opt/ml/../c", "/opt/mlx/c", "relative"])  # noqa: S108
def test_checkpoint_folder_that_is_not_below_opt_ml_is_refused(account, config, path):
    config["LocalPath"] = path
    with pytest.raises(ClientError, match=r"does not reproduce CheckpointConfig.LocalPath"):
        account.start_job("", CheckpointConfig=config)


@pytest.mark.slow
@pytest.mark.observes("spot-billable")
def test_spot_job_is_not_interrupted_and_shows_both_times(account):
    condition = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    changes = {"EnableManagedSpotTraining": True, "StoppingCondition": condition}
    job = account.run_job("print('ran')", **changes)
    assert job["EnableManagedSpotTraining"] is True
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] > 0


@pytest.mark.observes("spot-times")
@pytest.mark.parametrize(
    ("spot", "runtime", "wait"),
    [(True, 60, {}), (True, 60, {"MaxWaitTimeInSeconds": 59}),
     (False, 60, {"MaxWaitTimeInSeconds": 60})],
)  # fmt: skip
def test_maximum_wait_is_for_spot_jobs_and_not_shorter_than_the_runtime(
    account, spot, runtime, wait
):
    condition = {"MaxRuntimeInSeconds": runtime, **wait}
    with pytest.raises(ClientError, match="Invalid MaxWaitTimeInSeconds"):
        account.start_job("", EnableManagedSpotTraining=spot, StoppingCondition=condition)
