"""The checkpoint folder of a training job, which S3 keeps, and managed spot training."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.training.checkpoints import Checkpoints
from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.sagemaker.training.clusters import finished, start

TRAINS = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(os.environ["SM_MODEL_DIR"]).parent / "checkpoints"
print("found", sorted(str(path.relative_to(folder)) for path in folder.rglob("*.txt")))
(folder / "deep").mkdir(exist_ok=True)
(folder / "deep" / "epoch.txt").write_text("1")
"""
KILLED = """
(folder / "last.txt").write_text("written in the last moment")
os.kill(os.getpid(), signal.SIGKILL)
"""
STOPPED = """
def on_term(number, frame):
    (folder / "last.txt").write_text("written after the stop")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
time.sleep(600)
"""
DELETES = """
(folder / "old.txt").unlink()
(folder / "deep" / "epoch.txt").write_text("2")
"""


def checkpoints(account: Account, prefix: str, **changes: Any) -> dict[str, Any]:
    config = {"S3Uri": f"s3://{account.bucket}/{prefix}", **changes}
    return {"CheckpointConfig": config}


def stored(account: Account, prefix: str) -> dict[str, str]:
    """Return the objects under a prefix."""
    found = account.s3.list_objects_v2(Bucket=account.bucket, Prefix=f"{prefix}/")
    return {
        item["Key"].removeprefix(f"{prefix}/"): account.s3.get_object(
            Bucket=account.bucket, Key=item["Key"]
        )["Body"].read().decode()
        for item in found.get("Contents", [])
    }  # fmt: skip


@pytest.mark.observes("checkpoints-at-the-end", "checkpoints-at-start")
def test_killed_job_leaves_its_checkpoints_to_the_next_one(account):
    prefix = unique("checkpoints")
    job = finished(account, TRAINS + KILLED, checkpoints(account, prefix))
    assert job["TrainingJobStatus"] == "Failed"
    assert "ExitCode -9" in job["FailureReason"]
    left = {"deep/epoch.txt": "1", "last.txt": "written in the last moment"}
    assert stored(account, prefix) == left
    again = finished(account, TRAINS, checkpoints(account, f"{prefix}/"))
    assert again["TrainingJobStatus"] == "Completed", again.get("FailureReason")
    assert "found ['deep/epoch.txt', 'last.txt']" in account.job_log(again["TrainingJobName"])


@pytest.mark.observes("checkpoints-continuous", "checkpoints-at-the-end")
def test_running_job_keeps_its_checkpoints_in_s3_and_a_stopped_one_its_last(account):
    prefix = unique("checkpoints")
    name = start(account, TRAINS + STOPPED, checkpoints(account, prefix))
    eventually(lambda: stored(account, prefix) == {"deep/epoch.txt": "1"})
    eventually(lambda: "waiting" in account.job_log(name))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.finished_job(name)["TrainingJobStatus"] == "Stopped"
    assert stored(account, prefix)["last.txt"] == "written after the stop"


@pytest.mark.observes("checkpoints-deleted", "checkpoints-local-path")
def test_deleted_checkpoint_stays_in_s3_and_another_folder_below_opt_ml_will_do(account):
    prefix = unique("checkpoints")
    account.upload(f"{prefix}/old.txt", "old")
    account.upload(f"{prefix}-of-another/other.txt", "not this job's")
    script = TRAINS.replace('"checkpoints"', '"kept" / "here"') + DELETES
    config = checkpoints(account, prefix, LocalPath="/opt/ml/kept/here/")
    job = finished(account, script, config)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "found ['old.txt']" in account.job_log(job["TrainingJobName"])
    assert stored(account, prefix) == {"deep/epoch.txt": "2", "old.txt": "old"}
    assert job["CheckpointConfig"] == config["CheckpointConfig"]


class Bucket:
    """Takes uploads, and remembers each."""

    def __init__(self) -> None:
        self.uploads: list[tuple[str, str]] = []

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        self.uploads.append((f"{bucket}/{key}", Path(path).read_text()))


@pytest.mark.observes("checkpoints-continuous")
def test_checkpoint_is_copied_when_it_stands_still_once_for_each_change(tmp_path):
    bucket, file = Bucket(), tmp_path / "deep" / "epoch.txt"
    copier = Checkpoints(bucket, "s3://b/p/", tmp_path)
    file.parent.mkdir()
    for text in ("h", "ha", "half", "whole"):  # it grows from look to look
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


def test_pipe_among_the_checkpoints_is_left_out_and_nobody_waits_for_it(account):
    prefix = unique("checkpoints")
    script = TRAINS + '\nos.mkfifo(folder / "pipe")\ntime.sleep(1.2)\n'
    job = finished(account, script, checkpoints(account, prefix))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert stored(account, prefix) == {"deep/epoch.txt": "1"}


def test_checkpoint_whose_name_is_no_text_fails_the_job_saying_so_and_the_others_are_kept(account):
    prefix = unique("checkpoints")
    script = (
        TRAINS
        + """
pathlib.Path(os.fsdecode(os.fsencode(folder) + b"/\\xff")).write_text("named by bytes")
time.sleep(1.2)
(folder / "last.txt").write_text("written after it")
"""
    )
    job = finished(account, script, checkpoints(account, prefix))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Checkpoint upload failed: ")
    assert "surrogates not allowed" in job["FailureReason"]
    assert stored(account, prefix) == {"deep/epoch.txt": "1", "last.txt": "written after it"}


def test_job_whose_checkpoints_have_no_bucket_fails_before_it_starts(account):
    config = {"CheckpointConfig": {"S3Uri": "s3://a-bucket-nobody-made/c"}}
    job = finished(account, "print('ran')", config)
    assert job["TrainingJobStatus"] == "Failed"
    assert "a-bucket-nobody-made" in job["FailureReason"]
    assert "Training" not in [item["Status"] for item in job["SecondaryStatusTransitions"]]


@pytest.mark.observes("checkpoints-elsewhere")
@pytest.mark.parametrize("path", ["/tmp/c", "/opt/ml", "/opt/ml/../c", "/opt/mlx/c", "relative"])  # noqa: S108
def test_checkpoints_outside_the_jobs_folder_are_refused(account, path):
    request = account.job_request({}, **checkpoints(account, "c", LocalPath=path))
    with pytest.raises(ClientError, match=r"does not reproduce CheckpointConfig.LocalPath"):
        account.sagemaker.create_training_job(**request)


@pytest.mark.observes("spot-billable")
def test_spot_job_is_not_interrupted_and_tells_both_times(account):
    condition = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    changes = {"EnableManagedSpotTraining": True, "StoppingCondition": condition}
    job = finished(account, "print('ran')", changes)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["EnableManagedSpotTraining"] is True
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] > 0


@pytest.mark.observes("spot-times")
@pytest.mark.parametrize(
    ("spot", "condition"),
    [
        (True, {"MaxRuntimeInSeconds": 60}),
        (True, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}),
        (False, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}),
    ],
)
def test_longest_wait_belongs_to_spot_jobs_and_is_no_shorter_than_the_run(account, spot, condition):
    changes = {"EnableManagedSpotTraining": spot, "StoppingCondition": condition}
    with pytest.raises(ClientError, match="Invalid MaxWaitTimeInSeconds"):
        account.sagemaker.create_training_job(**account.job_request({}, **changes))
