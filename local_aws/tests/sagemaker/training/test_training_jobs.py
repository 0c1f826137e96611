"""Training jobs that go well, or are stopped: states, metrics, logs, artifacts, requirements."""

import pytest
from botocore.exceptions import ClientError

from local_aws.region import Region
from local_aws.sagemaker.operations import training_jobs
from local_aws.settings import Settings
from local_aws.tests.account import IMAGE, eventually
from local_aws.tests.stages import processes_of

GROUP = "/aws/sagemaker/TrainingJobs"
WAITS_FOR_STOP = """
import os, pathlib, signal, sys, time
def on_term(number, frame):
    pathlib.Path(os.environ["SM_MODEL_DIR"], "part.txt").write_text("half a model")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
while True:
    time.sleep(0.05)
"""


SAVES_SLOWLY = """
import os, pathlib, signal, sys, time
def on_term(number, frame):
    time.sleep(4)
    pathlib.Path(os.environ["SM_MODEL_DIR"], "late.txt").write_text("a whole model")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
while True:
    time.sleep(0.05)
"""


def stop_when_waiting(account, name: str) -> None:
    eventually(lambda: "waiting" in job_lines(account, name))
    account.sagemaker.stop_training_job(TrainingJobName=name)


def job_lines(account, name: str) -> list[str]:
    groups = account.logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    return account.job_log(name) if groups else []


def names_in(account, uri: str) -> list[str]:
    with account.download(uri) as tar:
        return tar.getnames()


def test_job_that_completes_passed_through_every_state_in_order(iris_job):
    states = [item["Status"] for item in iris_job["SecondaryStatusTransitions"]]
    assert states == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert iris_job["SecondaryStatus"] == "Completed"


def test_job_is_starting_from_its_creation_on(tmp_path, monkeypatch):
    monkeypatch.setattr(training_jobs, "run_training_job", lambda region, name: None)
    region = Region("us-east-1", Settings(tmp_path))
    training_jobs.start_training_job(region, {"TrainingJobName": "job"})
    job = region.training_jobs.get("job")
    (first,) = job["SecondaryStatusTransitions"]
    assert (job["SecondaryStatus"], first["Status"]) == ("Starting", "Starting")
    assert first["StartTime"] >= job["CreationTime"]


def test_job_that_completes_has_times_in_order(iris_job):
    times = [iris_job[f"{name}Time"] for name in ("Creation", "TrainingStart", "TrainingEnd")] + [
        iris_job["LastModifiedTime"]
    ]
    assert times == sorted(times)
    starts = [item["StartTime"] for item in iris_job["SecondaryStatusTransitions"]]
    assert starts == sorted(starts)
    assert iris_job["BillableTimeInSeconds"] >= 1


def test_job_that_prints_a_metric_has_its_last_value(iris_job):
    (metric,) = iris_job["FinalMetricDataList"]
    assert metric["MetricName"] == "train_accuracy"
    assert 0.9 < metric["Value"] <= 1


def test_job_logs_what_its_script_printed(account, iris_job):
    name = iris_job["TrainingJobName"]
    streams = account.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=name)
    (stream,) = streams["logStreams"]
    assert stream["logStreamName"].startswith(f"{name}/algo-1-")
    assert any(line.startswith("train_accuracy=") for line in account.job_log(name))


def test_job_uploads_its_model_and_its_output_data(account, iris_job):
    model = iris_job["ModelArtifacts"]["S3ModelArtifacts"]
    assert model.endswith(f"/out/{iris_job['TrainingJobName']}/output/model.tar.gz")
    assert names_in(account, model) == ["model.joblib"]
    assert names_in(account, model.replace("model.tar", "output.tar")) == ["leaves.txt"]


def test_job_without_output_data_uploads_only_its_model(account):
    job = account.finished_job(account.start_job("print('nothing to keep')"))
    prefix = f"out/{job['TrainingJobName']}/"
    found = account.s3.list_objects_v2(Bucket=account.bucket, Prefix=prefix)["Contents"]
    assert [item["Key"] for item in found] == [f"{prefix}output/model.tar.gz"]


def test_job_metric_printed_several_times_keeps_the_last_number(account):
    script = "for text in ('0.25', '0.5', 'none'): print(f'loss: {text};')"
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss: ([0-9a-z.]+);"}],
    }
    job = account.finished_job(account.start_job(script, AlgorithmSpecification=algorithm))
    assert [(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]] == [("loss", 0.5)]


def test_job_environment_of_the_request_reaches_the_script(account):
    script = "import os; print('seen', os.environ['GREETING'], os.environ['TRAINING_JOB_NAME'])"
    name = account.start_job(script, Environment={"GREETING": "hello"})
    account.finished_job(name)
    assert f"seen hello {name}" in account.job_log(name)


def test_job_of_a_taken_name_is_refused(account, iris_job):
    request = account.job_request({}, TrainingJobName=iris_job["TrainingJobName"])
    with pytest.raises(ClientError, match=r"ResourceInUse.*must be unique"):
        account.sagemaker.create_training_job(**request)


def test_stopped_job_had_time_to_save_its_model(account):
    name = account.start_job(WAITS_FOR_STOP)
    stop_when_waiting(account, name)
    job = account.finished_job(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "FailureReason" not in job
    assert names_in(account, job["ModelArtifacts"]["S3ModelArtifacts"]) == ["part.txt"]


def test_stopped_job_that_takes_seconds_to_save_its_model_has_them(account):
    name = account.start_job(SAVES_SLOWLY)
    stop_when_waiting(account, name)
    job = account.finished_job(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert names_in(account, job["ModelArtifacts"]["S3ModelArtifacts"]) == ["late.txt"]


def test_job_that_ends_takes_along_what_it_left_running_in_a_group_of_its_own(account):
    script = "import subprocess\nsubprocess.Popen(['sleep', '300'], start_new_session=True)\n"
    name = account.start_job(script)
    assert account.finished_job(name)["TrainingJobStatus"] == "Completed"
    assert processes_of(name) == []


def test_stopping_a_job_twice_is_refused(account, iris_job):
    with pytest.raises(ClientError, match=r"ValidationException.*in status Completed"):
        account.sagemaker.stop_training_job(TrainingJobName=iris_job["TrainingJobName"])


def test_stopping_an_unknown_job_is_refused(account):
    with pytest.raises(ClientError, match="ResourceNotFound"):
        account.sagemaker.stop_training_job(TrainingJobName="nobody-started-it")


def test_job_stopped_before_its_script_runs_never_runs_it(account):
    name = account.start_job(WAITS_FOR_STOP)
    account.sagemaker.stop_training_job(TrainingJobName=name)
    job = account.finished_job(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert "waiting" not in job_lines(account, name)


def test_job_longer_than_its_maximum_runtime_is_stopped_and_its_model_uploaded(account):
    limit = {"MaxRuntimeInSeconds": 1}
    job = account.finished_job(account.start_job(WAITS_FOR_STOP, StoppingCondition=limit))
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] == "MaxRuntimeExceeded"
    states = [item["Status"] for item in job["SecondaryStatusTransitions"]]
    assert states[-2:] == ["Uploading", "MaxRuntimeExceeded"]
    with account.download(job["ModelArtifacts"]["S3ModelArtifacts"]) as tar:
        assert set(tar.getnames()) <= {"part.txt"}


def test_job_whose_bundle_asks_for_an_installed_package_can_import_it(account):
    files = {"train.py": "import tqdm; print('tqdm is here')", "requirements.txt": "tqdm>=4\n"}
    request = account.job_request(files)
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "tqdm is here" in account.job_log(request["TrainingJobName"])
