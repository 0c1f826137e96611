"""Training jobs at the edges: odd metrics, declared paths, a stop while the model is uploaded."""

from local_aws.tests.account import IMAGE, eventually


def test_job_metric_with_a_group_that_took_no_part_leaves_the_output_flowing(account):
    script = (
        "print('loss=1.5')\nprint('loss=', flush=True)\n"
        "for number in range(5000): print('filling the pipe', number)\n"
        "print('loss=0.5 at last')\n"
    )
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)?"}],
    }
    name = account.start_job(script, AlgorithmSpecification=algorithm)
    job = account.finished_job(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [metric["Value"] for metric in job["FinalMetricDataList"]] == [0.5]
    assert "loss=0.5 at last" in account.job_log(name)


def test_job_that_declares_paths_has_them_and_keeps_its_images_imports(account):
    script = (
        "import os\n"
        "print('code' in [path.split('/')[-1] for path in os.environ['PYTHONPATH'].split(':')])\n"
        "print('/nowhere' in os.environ['PATH'].split(':'))\n"
        "import moto\n"
    )
    paths = {"PYTHONPATH": "/opt/ml/code", "PATH": "/nowhere"}
    name = account.start_job(script, Environment=paths)
    job = account.finished_job(name)
    assert job["TrainingJobStatus"] == "Failed"
    lines = account.job_log(name)
    assert "ModuleNotFoundError: No module named 'moto' (the image" in "\n".join(lines)
    assert lines.count("True") == 2


def test_job_stopped_while_its_model_is_uploaded_ends_stopped_with_its_model(account):
    script = (
        "import os, pathlib\n"
        "path = pathlib.Path(os.environ['SM_MODEL_DIR'], 'model.bin')\n"
        "path.write_bytes(os.urandom(60_000_000))\n"
    )
    name = account.start_job(script)

    def uploading() -> bool:
        job = account.sagemaker.describe_training_job(TrainingJobName=name)
        return job["SecondaryStatusTransitions"][-1]["Status"] == "Uploading"

    eventually(uploading)
    account.sagemaker.stop_training_job(TrainingJobName=name)
    job = account.finished_job(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert job["SecondaryStatusTransitions"][-1]["Status"] == "Stopped"
    with account.download(job["ModelArtifacts"]["S3ModelArtifacts"]) as tar:
        assert tar.getnames() == ["model.bin"]


def test_job_whose_bundle_asks_for_an_extra_can_import_what_it_brings(account):
    files = {
        "train.py": "import certifi, moto; print('both are here')",
        "requirements.txt": "moto[s3]\n",
    }
    request = account.job_request(files)
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", account.job_log(request["TrainingJobName"])
