"""Training jobs that are killed, fill their volume, or have other unusual ends."""

import os

import pytest

from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.hosting import ports
from local_aws.sagemaker.jobs.machine import Volume, allocated_bytes
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.job import first_state, run_training_job
from local_aws.settings import Settings
from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.stages import processes_of

WRITE_REASON = """
import os, pathlib, signal, sys
pathlib.Path(os.environ["SM_OUTPUT_DIR"], "failure").write_text("Label 7 has no name.")
"""
# Allocates more than a gigabyte of the disk at once.
FILL = """
import os, pathlib, time
path = pathlib.Path(os.environ["SM_MODEL_DIR"], "model.bin")
with path.open("wb") as file:
    os.posix_fallocate(file.fileno(), 0, 1_200_000_000)
"""
CONTINUE = "print('filled', flush=True); time.sleep(600)\n"
SMALL = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
needs_fallocate = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="cannot allocate a large file"
)


def failure_of(account: Account, script: str, **changes) -> str:
    """Run a job that must fail and leave no process; return the reason."""
    job = account.run_job(script, "Failed", **changes)
    assert job["SecondaryStatus"] == "Failed"
    assert "ModelArtifacts" not in job
    assert processes_of(job["TrainingJobName"]) == []
    return str(job["FailureReason"])


@pytest.mark.observes("train-exit-code", "launcher-toolkit-exit-code-and-folder")
@pytest.mark.parametrize(
    ("script", "code"),
    [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -9)],
    ids=["exits", "is killed"],
)
def test_exit_code_or_signal_of_the_script_is_in_the_reason(account, script, code):
    reason = failure_of(account, script)
    assert reason.startswith("AlgorithmError: ")
    assert f"\nExitCode {code}\n" in reason
    assert reason.endswith(", exit code: 1")


@pytest.mark.slow
def test_signal_that_killed_the_launcher_is_in_the_reason(account):
    reason = failure_of(account, "import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    assert reason == "AlgorithmError: the process was killed by signal 9, exit code: -9"


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [
        "raise KeyError('no such column')",
        "sys.exit(3)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.kill(os.getppid(), signal.SIGKILL)",
    ],
    ids=["raises", "exits 3", "is killed", "launcher is killed"],
)
def test_failure_file_is_the_reason_however_the_script_ends(account, end):
    reason = failure_of(account, WRITE_REASON + end)
    assert reason.startswith("AlgorithmError: Label 7 has no name., exit code: ")


@pytest.mark.slow
def test_failure_file_that_is_a_folder_is_ignored(account):
    script = "import os, sys; os.mkdir(os.environ['SM_OUTPUT_DIR'] + '/failure'); sys.exit(3)"
    assert failure_of(account, script).endswith(", exit code: 1")


@pytest.mark.slow
def test_job_without_a_model_completes_with_an_empty_archive(account):
    assert account.outputs(account.run_job("print('trained, but not saved')")) == []


@pytest.mark.slow
@needs_fallocate
@pytest.mark.parametrize("then", [CONTINUE, ""], ids=["continues", "ends"])
def test_job_that_fills_its_volume_fails_with_both_sizes(account, then):
    reason = failure_of(account, FILL + then, ResourceConfig=SMALL)
    assert reason.startswith("ClientError: Insufficient disk space: the job's files take 12")
    assert "more than the 1 GB of its volume. Increase VolumeSizeInGB" in reason


@pytest.mark.slow
@needs_fallocate
def test_job_that_fills_its_volume_has_its_failure_file_in_the_reason_too(account):
    reason = failure_of(account, WRITE_REASON + FILL + CONTINUE, ResourceConfig=SMALL)
    assert reason.startswith("ClientError: Insufficient disk space: ")
    assert reason.endswith("Label 7 has no name.")


@pytest.mark.slow
@needs_fallocate
def test_job_whose_files_fit_into_its_volume_completes(account):
    large = SMALL | {"VolumeSizeInGB": 2}
    script = FILL + "time.sleep(1.5); path.unlink()"
    account.run_job(script, ResourceConfig=large)


@pytest.mark.slow
def test_files_may_be_deleted_while_they_are_counted(account):
    script = """
import os, pathlib, time
folder = pathlib.Path(os.environ["SM_OUTPUT_DIR"], "many")
end = time.monotonic() + 1.5
while time.monotonic() < end:
    folder.mkdir()
    for number in range(50):
        (folder / str(number)).write_text("x")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
"""
    account.run_job(script, ResourceConfig=SMALL)


@pytest.mark.slow
def test_job_that_closes_its_output_continues_and_completes(account):
    script = """
import os, pathlib, time
os.close(1), os.close(2)
time.sleep(0.5)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("trained")
"""
    assert account.outputs(account.run_job(script)) == ["model.txt"]


@pytest.mark.slow
def test_killed_job_leaves_no_child_process_of_its_script(account):
    script = """
import os, signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
os.kill(os.getpid(), signal.SIGKILL)
"""
    name = account.run_job(script, "Failed")["TrainingJobName"]
    assert eventually(lambda: not processes_of(name))


def test_allocated_bytes_are_those_on_disk_with_hard_links_counted_once(tmp_path):
    before = allocated_bytes(tmp_path)
    (tmp_path / "deep").mkdir()
    one = tmp_path / "deep" / "one"
    one.write_bytes(os.urandom(1_000_000))
    (tmp_path / "two").hardlink_to(one)
    (tmp_path / "three").symlink_to(one)
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**12)
    os.sync()  # some file systems allocate when they write
    assert 1_000_000 <= allocated_bytes(tmp_path) - before < 1_100_000


def test_allocated_bytes_of_a_missing_folder_are_zero(tmp_path):
    assert allocated_bytes(tmp_path / unique("gone")) == 0


def test_volume_is_not_counted_again_right_after_a_count(tmp_path):
    volume = Volume(tmp_path, gigabytes=0.0001)
    volume.look()
    (tmp_path / "file").write_bytes(os.urandom(200_000))
    volume.look()
    with pytest.raises(JobFailure, match="Insufficient disk space"):
        volume.check()


def test_job_whose_setup_fails_is_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(ports, "_TRIES", 0)
    region = Region("us-east-1", Settings(tmp_path))
    resources = {"InstanceCount": 2, "InstanceType": "ml.m5.large"}
    request = {"ResourceConfig": resources, "AlgorithmSpecification": {}}
    region.training_jobs.add("job", first_state() | request)
    run_training_job(region, "job")
    assert region.training_jobs.get("job")["TrainingJobStatus"] == "Failed"
