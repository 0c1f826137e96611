"""Training jobs with unusual metrics, paths, requirements, or times to stop."""

import pytest

from local_aws.sagemaker import objects
from local_aws.tests.account import IMAGE, eventually, unique


@pytest.mark.slow
def test_metric_whose_group_matches_nothing_does_not_interrupt_the_output(account):
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
    job = account.run_job(script, AlgorithmSpecification=algorithm)
    assert [metric["Value"] for metric in job["FinalMetricDataList"]] == [0.5]
    assert "loss=0.5 at last" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
def test_paths_in_the_environment_are_used_and_the_imports_stay_those_of_the_image(account):
    script = (
        "import os\n"
        "print('code' in [path.split('/')[-1] for path in os.environ['PYTHONPATH'].split(':')])\n"
        "print('/nowhere' in os.environ['PATH'].split(':'))\n"
        "import moto\n"
    )
    paths = {"PYTHONPATH": "/opt/ml/code", "PATH": "/nowhere"}
    job = account.run_job(script, "Failed", Environment=paths)
    lines = account.job_log(job["TrainingJobName"])
    assert "ModuleNotFoundError: No module named 'moto' (the image" in "\n".join(lines)
    assert lines.count("True") == 2


def test_large_object_is_fetched_with_one_request_because_moto_reads_all_of_it_for_each(
    account, tmp_path
):
    content, requests = bytes(20 * 2**20), list[str]()
    uri = account.upload(f"{unique('large')}/a.bin", content)
    s3 = account.aws.client("s3")
    s3.meta.events.register("before-send.s3.GetObject", lambda **_: requests.append("GET"))
    objects.download_prefix(s3, uri, tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert len(requests) == 1


@pytest.mark.slow
def test_job_stopped_during_the_upload_is_stopped_and_has_its_model(account):
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
    assert account.outputs(job) == ["model.bin"]


@pytest.mark.slow
def test_requirement_with_an_extra_makes_the_packages_of_the_extra_importable(account):
    files = {
        "train.py": "import certifi, moto; print('imported')",
        "requirements.txt": "moto[s3]\n",
    }
    account.run_job(files)
