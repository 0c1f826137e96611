"""The TensorFlow program in training jobs that are killed and resumed, or have two instances."""

import shlex
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from local_aws.testing import REGION, running_local_aws
from local_aws.tests.stages import processes_of
from tests.end_to_end.release.watched import Watched
from tests.scripts.processes import Ended, Scripts

RECIPE = "digits-cnn"
EPOCHS = 12
# The patience of all epochs: training never stops early.
LONG = ("--set", f"epochs={EPOCHS}", "--set", f"patience={EPOCHS}", "--no-report")
_MOST_SECONDS = 300


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    """Set up a separate local AWS with generated digits."""
    with running_local_aws("--instance-cpus", "1") as aws:
        scripts = Scripts(aws, REGION)
        assert scripts.run("setup").code == 0
        assert scripts.run("upload_data", "--recipe", RECIPE, "--generated-sample").code == 0
        yield scripts


def until(check: Callable[[], Any]) -> Any:
    """Repeat a check until its result is true, for as long as training may take."""
    end = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < end:
        if result := check():
            return result
        time.sleep(0.2)
    raise AssertionError("the check never returned a true value")


def program_of(job: str, host: str) -> psutil.Process:
    """Return the process of the training program, without its launcher, on an instance."""
    (program,) = [
        process
        for process in processes_of(job)
        if any(word.endswith("train_tensorflow.py") for word in process.cmdline())
        and host in Path(process.environ()["SAGEMAKER_BASE_DIR"]).parts
    ]
    return program


def kill_in_the_middle(scripts: Scripts, folder: Path, *flags: str, host: str) -> tuple[str, Ended]:
    """Train, and kill the program on a host after some epochs; return job and ended command."""
    before = {job["TrainingJobName"] for job in _jobs(scripts)}
    folder.mkdir()
    train = Watched(folder, "train", "--recipe", RECIPE, *flags, **scripts.environment)
    job = until(lambda: {it["TrainingJobName"] for it in _jobs(scripts)} - before).pop()
    until(lambda: f"epoch 4 of {EPOCHS}" in scripts.training_log(f"{job}/{host}-"))
    program_of(job, host).send_signal(signal.SIGKILL)
    code = train.wait()
    return job, Ended(code, train.stdout, train.stderr)


def _jobs(scripts: Scripts) -> list[dict[str, Any]]:
    return list(scripts.client("sagemaker").list_training_jobs()["TrainingJobSummaries"])


@pytest.mark.slow
def test_killed_job_resumes_from_its_checkpoints_with_the_command_of_the_error(scripts, tmp_path):
    undisturbed = scripts.run("train", "--recipe", RECIPE, *LONG).result["metrics"]
    job, ended = kill_in_the_middle(scripts, tmp_path / "killed", *LONG, host="algo-1")
    assert ended.code == 1
    error, _, command = ended.stderr.splitlines()[-1].partition(". To resume from its last ")
    assert "ExitCode -9" in ended.stderr
    words = shlex.split(command.partition("checkpoint: ")[2])
    assert words[:3] == ["python", "-m", "scripts.train"]
    assert words[-2:] == ["--checkpoints", job], error
    again = scripts.run("train", *words[3:])
    assert "epoch 1 of" not in again.stderr
    assert f"epoch {EPOCHS} of {EPOCHS}" in again.stderr
    metrics = again.result["metrics"]
    assert metrics["train_epochs"] == undisturbed["train_epochs"] == EPOCHS
    assert metrics["accuracy"] == pytest.approx(undisturbed["accuracy"], abs=0.01)


@pytest.mark.slow
def test_two_instances_end_with_the_same_weights_and_one_model(scripts):
    flags = ("--set", "epochs=2", "--instance-count", "2")
    result = scripts.run("train", "--recipe", RECIPE, *flags).result
    job = result["training_job_name"]
    weights = [
        [
            line
            for line in scripts.training_log(f"{job}/{host}-")
            if line.startswith("weights sha256=")
        ]
        for host in ("algo-1", "algo-2")
    ]
    assert weights[0] == weights[1]
    assert len(weights[0]) == 1
    described = scripts.client("sagemaker").describe_training_job(TrainingJobName=job)
    assert described["ResourceConfig"]["InstanceCount"] == 2
    names = {metric["MetricName"] for metric in described["FinalMetricDataList"]}
    assert {"train:loss", "validation:accuracy", "test:accuracy"} <= names
    measured = scripts.run("evaluate", "--recipe", RECIPE).result["metrics"]
    assert measured["accuracy"] == pytest.approx(result["metrics"]["accuracy"], abs=1e-9)


@pytest.mark.slow
def test_killed_worker_fails_the_job_with_its_name(scripts, tmp_path):
    flags = (*LONG, "--instance-count", "2")
    job, ended = kill_in_the_middle(scripts, tmp_path / "worker", *flags, host="algo-2")
    assert ended.code == 1
    described = scripts.client("sagemaker").describe_training_job(TrainingJobName=job)
    assert described["TrainingJobStatus"] == "Failed"
    assert "algo-2: ExecuteUserScriptError" in described["FailureReason"]
    assert f" --instance-count 2 --no-report --checkpoints {job}" in ended.stderr
    assert processes_of(job) == []
