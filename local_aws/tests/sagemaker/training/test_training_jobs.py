"""Training jobs that complete or are stopped: states, metrics, logs, and artifacts."""

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.operations import training_jobs
from local_aws.sagemaker.region import Region
from local_aws.settings import Settings
from local_aws.tests.account import IMAGE, eventually
from local_aws.tests.stages import processes_of

GROUP = "/aws/sagemaker/TrainingJobs"
WAIT_FOR_STOP = """
import os, pathlib, signal, sys, time
def on_term(number, frame):
    time.sleep(0)
    pathlib.Path(os.environ["SM_MODEL_DIR"], "part.txt").write_text("half a model")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
while True:
    time.sleep(0.05)
"""


def test_completed_job_has_every_state_in_order(iris_job):
    states = [item["Status"] for item in iris_job["SecondaryStatusTransitions"]]
    assert states == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert iris_job["SecondaryStatus"] == "Completed"


def test_new_job_is_starting(tmp_path, monkeypatch):
    monkeypatch.setattr(training_jobs, "run_training_job", lambda region, name: None)
    region = Region("us-east-1", Settings(tmp_path))
    training_jobs.start_training_job(region, {"TrainingJobName": "job"})
    job = region.training_jobs.get("job")
    (first,) = job["SecondaryStatusTransitions"]
    assert (job["SecondaryStatus"], first["Status"]) == ("Starting", "Starting")
    assert first["StartTime"] >= job["CreationTime"]


def test_completed_job_has_times_in_order(iris_job):
    times = [iris_job[f"{name}Time"] for name in ("Creation", "TrainingStart", "TrainingEnd")] + [
        iris_job["LastModifiedTime"]
    ]
    assert times == sorted(times)
    starts = [item["StartTime"] for item in iris_job["SecondaryStatusTransitions"]]
    assert starts == sorted(starts)
    assert iris_job["BillableTimeInSeconds"] >= 1


def test_metric_has_its_last_value(iris_job):
    (metric,) = iris_job["FinalMetricDataList"]
    assert metric["MetricName"] == "train_accuracy"
    assert 0.9 < metric["Value"] <= 1


def test_job_log_has_the_output_of_the_script(account, iris_job):
    name = iris_job["TrainingJobName"]
    streams = account.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=name)
    (stream,) = streams["logStreams"]
    assert stream["logStreamName"].startswith(f"{name}/algo-1-")
    assert any(line.startswith("train_accuracy=") for line in account.job_log(name))


def test_job_uploads_its_model_and_its_output_data(account, iris_job):
    model = iris_job["ModelArtifacts"]["S3ModelArtifacts"]
    assert model.endswith(f"/out/{iris_job['TrainingJobName']}/output/model.tar.gz")
    assert account.outputs(iris_job) == ["model.joblib"]
    assert account.outputs(iris_job, "output") == ["leaves.txt"]


def test_job_without_output_data_uploads_only_its_model(account):
    job = account.run_job("print('no output data')")
    prefix = f"out/{job['TrainingJobName']}/"
    objects = account.s3.list_objects_v2(Bucket=account.bucket, Prefix=prefix)["Contents"]
    assert [item["Key"] for item in objects] == [f"{prefix}output/model.tar.gz"]


@pytest.mark.slow
def test_metric_printed_several_times_has_the_last_number(account):
    script = "for text in ('0.25', '0.5', 'none'): print(f'loss: {text};')"
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss: ([0-9a-z.]+);"}],
    }
    job = account.run_job(script, AlgorithmSpecification=algorithm)
    assert [(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]] == [("loss", 0.5)]


@pytest.mark.slow
def test_script_sees_the_environment_of_the_request(account):
    script = "import os; print('seen', os.environ['GREETING'], os.environ['TRAINING_JOB_NAME'])"
    name = account.run_job(script, Environment={"GREETING": "hello"})["TrainingJobName"]
    assert f"seen hello {name}" in account.job_log(name)


def test_second_job_with_a_name_is_refused(account, iris_job):
    with pytest.raises(ClientError, match=r"ResourceInUse.*must be unique"):
        account.start_job("", TrainingJobName=iris_job["TrainingJobName"])


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 4])
def test_stopped_job_has_time_to_save_its_model(account, seconds):
    name = account.start_job(WAIT_FOR_STOP.replace("time.sleep(0)", f"time.sleep({seconds})"))
    eventually(lambda: "waiting" in account.job_log(name))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    job = account.finished_job(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "FailureReason" not in job
    assert account.outputs(job) == ["part.txt"]


@pytest.mark.slow
def test_job_that_ends_leaves_no_process_in_another_process_group(account):
    script = "import subprocess\nsubprocess.Popen(['sleep', '300'], start_new_session=True)\n"
    assert processes_of(account.run_job(script)["TrainingJobName"]) == []


def test_job_may_run_for_a_day_by_default(account):
    request = account.job_request({"train.py": ""})
    del request["StoppingCondition"]
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}


def test_stop_of_a_completed_job_is_refused(account, iris_job):
    with pytest.raises(ClientError, match=r"ValidationException.*in status Completed"):
        account.sagemaker.stop_training_job(TrainingJobName=iris_job["TrainingJobName"])


def test_job_stopped_before_its_script_starts_does_not_run_it(account):
    name = account.start_job(WAIT_FOR_STOP)
    account.sagemaker.stop_training_job(TrainingJobName=name)
    job = account.finished_job(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert "waiting" not in account.job_log(name)


def test_job_that_exceeds_its_maximum_runtime_is_stopped_and_uploads_its_model(account):
    limit = {"MaxRuntimeInSeconds": 1}
    job = account.run_job(WAIT_FOR_STOP, "Stopped", StoppingCondition=limit)
    assert job["SecondaryStatus"] == "MaxRuntimeExceeded"
    states = [item["Status"] for item in job["SecondaryStatusTransitions"]]
    assert states[-2:] == ["Uploading", "MaxRuntimeExceeded"]
    assert set(account.outputs(job)) <= {"part.txt"}
