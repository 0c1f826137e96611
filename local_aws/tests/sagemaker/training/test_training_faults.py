"""Training jobs that end badly in the middle of their work, and what they say of it."""

import os

import pytest

from local_aws.errors import JobFailure
from local_aws.region import Region
from local_aws.sagemaker.hosting import ports
from local_aws.sagemaker.training.job import run_training_job
from local_aws.sagemaker.training.progress import first_state
from local_aws.sagemaker.training.volume import Volume, allocated_bytes
from local_aws.settings import Settings
from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.stages import processes_of

SAY_AND = """
import os, pathlib, signal, sys
pathlib.Path(os.environ["SM_OUTPUT_DIR"], "failure").write_text("Label 7 has no name.")
"""
# Takes more than a gigabyte of the disk at once, and holds it.
FILL = """
import os, pathlib, time
path = pathlib.Path(os.environ["SM_MODEL_DIR"], "model.bin")
with path.open("wb") as file:
    os.posix_fallocate(file.fileno(), 0, 1_200_000_000)
"""
HOLD = "print('held', flush=True); time.sleep(600)\n"
SMALL = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
needs_fallocate = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="a gigabyte cannot be had at once here"
)


def failure_of(account: Account, script: str, **changes) -> str:
    """Run a job that must fail and leave no process; return the reason."""
    name = account.start_job(script, **changes)
    job = account.finished_job(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert "ModelArtifacts" not in job
    assert processes_of(name) == []
    return str(job["FailureReason"])


def test_job_that_exits_3_fails_with_its_exit_code(account):
    reason = failure_of(account, "raise SystemExit(3)")
    assert reason.startswith("AlgorithmError: ")
    assert "ExitCode 3" in reason


def test_job_whose_script_was_killed_fails_with_the_signal(account):
    reason = failure_of(account, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert "ExitCode -9" in reason


def test_job_whose_launcher_was_killed_fails_with_the_signal(account):
    reason = failure_of(account, "import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    assert reason == "AlgorithmError: the process was killed by signal 9, exit code: -9"


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
def test_job_that_said_why_fails_with_its_own_sentence_however_it_ends(account, end):
    reason = failure_of(account, SAY_AND + end)
    assert reason.startswith("AlgorithmError: Label 7 has no name., exit code: ")


def test_job_whose_failure_file_is_a_folder_fails_with_the_exit_code(account):
    script = "import os, sys; os.mkdir(os.environ['SM_OUTPUT_DIR'] + '/failure'); sys.exit(3)"
    assert failure_of(account, script).endswith(", exit code: 1")


def test_job_that_writes_no_model_completes_with_an_empty_archive(account):
    job = account.finished_job(account.start_job("print('trained, and forgot to save')"))
    assert job["TrainingJobStatus"] == "Completed"
    with account.download(job["ModelArtifacts"]["S3ModelArtifacts"]) as tar:
        assert tar.getnames() == []


@needs_fallocate
@pytest.mark.parametrize("then", [HOLD, ""], ids=["and goes on", "and ends"])
def test_job_that_fills_its_volume_fails_saying_how_large_it_is(account, then):
    reason = failure_of(account, FILL + then, ResourceConfig=SMALL)
    assert reason.startswith("ClientError: Insufficient disk space: the job's files take 12")
    assert "more than the 1 GB of its volume. Increase ResourceConfig.VolumeSizeInGB" in reason


@needs_fallocate
def test_job_that_fills_its_volume_and_said_why_fails_with_both_sentences(account):
    reason = failure_of(account, SAY_AND + FILL + HOLD, ResourceConfig=SMALL)
    assert reason.startswith("ClientError: Insufficient disk space: ")
    assert reason.endswith("Label 7 has no name.")


@needs_fallocate
def test_job_with_room_for_its_files_completes_and_is_not_stopped(account):
    large = SMALL | {"VolumeSizeInGB": 2}
    script = FILL + "time.sleep(1.5); path.unlink()"
    job = account.finished_job(account.start_job(script, ResourceConfig=large))
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]


def test_job_that_deletes_files_while_they_are_counted_completes(account):
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
    job = account.finished_job(account.start_job(script, ResourceConfig=SMALL))
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]


def test_job_that_closes_its_output_goes_on_and_completes(account):
    script = """
import os, pathlib, time
os.close(1), os.close(2)
time.sleep(0.5)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("trained in silence")
"""
    job = account.finished_job(account.start_job(script))
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    with account.download(job["ModelArtifacts"]["S3ModelArtifacts"]) as tar:
        assert tar.getnames() == ["model.txt"]


def test_killed_job_leaves_no_process_that_its_script_started(account):
    script = """
import os, signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
os.kill(os.getpid(), signal.SIGKILL)
"""
    name = account.start_job(script)
    assert account.finished_job(name)["TrainingJobStatus"] == "Failed"
    assert eventually(lambda: not processes_of(name))


def test_allocated_bytes_count_what_is_on_the_disk_and_hard_links_once(tmp_path):
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


def test_allocated_bytes_of_a_missing_folder_are_none(tmp_path):
    assert allocated_bytes(tmp_path / unique("gone")) == 0


def test_volume_just_counted_is_not_counted_again_at_the_next_look(tmp_path):
    volume = Volume(tmp_path, gigabytes=0.0001)
    volume.look()
    (tmp_path / "file").write_bytes(os.urandom(200_000))
    volume.look()
    with pytest.raises(JobFailure, match="Insufficient disk space"):
        volume.check()


def test_job_that_cannot_even_be_set_up_ends_as_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(ports, "_TRIES", 0)
    region = Region("us-east-1", Settings(tmp_path))
    region.training_jobs.add(
        "job",
        first_state()
        | {
            "ResourceConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.large"},
            "AlgorithmSpecification": {},
        },
    )
    run_training_job(region, "job")
    assert region.training_jobs.get("job")["TrainingJobStatus"] == "Failed"
