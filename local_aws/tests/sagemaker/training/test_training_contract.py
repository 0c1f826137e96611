"""How a training job starts its script, and what happens to the files of the script."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_aws.tests.account import Account, unique
from local_aws.tests.sagemaker.training.reports import SCRIPT, Report, report_of

HYPERPARAMETERS = {"max_depth": "3", "alpha": "0.5", "sagemaker_container_log_level": "20"}


def script_mode(account: Account, files: dict[str, str], program: str) -> dict[str, str]:
    return {
        "sagemaker_program": program,
        "sagemaker_submit_directory": account.upload_bundle(files),
    }


@pytest.fixture(scope="module")
def job(account) -> dict[str, Any]:
    """Run the reporting script with hyperparameters and two channels."""
    channels = []
    for name in ("train", "test"):
        uri = account.upload(f"{unique('data')}/{name}.csv", "1,2")
        source = {"S3DataType": "S3Prefix", "S3Uri": uri.rpartition("/")[0]}
        channels.append({"ChannelName": name, "DataSource": {"S3DataSource": source}})
    mode = script_mode(account, {"train.py": SCRIPT}, "train.py")
    return account.run_job("", HyperParameters=HYPERPARAMETERS | mode, InputDataConfig=channels)


@pytest.fixture(scope="module")
def report(account, job) -> Report:
    """Return the report of the script."""
    return report_of(account, job)


@pytest.mark.observes("train-command")
def test_script_runs_by_name_with_sorted_hyperparameters(report):
    assert Path(report.command[0]).name.startswith("python")
    assert set(report.command[1:-4]) <= {"--", "train.py"}
    assert report.arguments == ["--alpha", "0.5", "--max_depth", "3"]


@pytest.mark.observes("train-platform-hyperparameters")
def test_hyperparameters_of_the_platform_are_not_passed_to_the_script(report, job):
    assert "sagemaker_container_log_level" in job["HyperParameters"]
    assert "sagemaker" not in " ".join(report.arguments)
    assert set(json.loads(report.variables["SM_HPS"])) == {"alpha", "max_depth"}


@pytest.mark.observes("train-cwd", "launcher-toolkit-exit-code-and-folder")
def test_script_runs_in_the_folder_of_the_code(report):
    assert report.cwd == report.base / "code"


@pytest.mark.observes("train-config-files")
def test_job_has_three_configuration_files(report, job):
    assert set(report.config) == {
        "hyperparameters.json",
        "inputdataconfig.json",
        "resourceconfig.json",
    }
    assert report.config["hyperparameters.json"] == job["HyperParameters"]
    assert report.config["inputdataconfig.json"]["train"] == {
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
    }
    assert report.config["resourceconfig.json"]["current_instance_type"] == "ml.m5.large"


@pytest.mark.observes("train-channels")
def test_each_channel_has_a_folder_with_its_name(report):
    assert report.inputs == ["input/data/test/test.csv", "input/data/train/train.csv"]


@pytest.mark.observes("train-outputs")
def test_model_and_output_data_are_in_separate_archives(account, job):
    assert account.outputs(job) == ["model.txt"]
    assert account.outputs(job, "output") == ["report.json"]


@pytest.mark.observes("train-variables")
def test_variables_have_the_folders_channels_and_hyperparameters(report):
    seen, base = report.variables, report.base
    expected = {
        "SM_MODEL_DIR": "model",
        "SM_OUTPUT_DATA_DIR": "output/data",
        "SM_CHANNEL_TRAIN": "input/data/train",
        "SM_CHANNEL_TEST": "input/data/test",
    }
    assert {name: Path(seen[name]).resolve() for name in expected} == {
        name: base / folder for name, folder in expected.items()
    }
    assert json.loads(seen["SM_CHANNELS"]) == ["test", "train"]
    assert json.loads(seen["SM_HPS"]) == {"alpha": 0.5, "max_depth": 3}
    assert (seen["SM_HP_ALPHA"], seen["SM_HP_MAX_DEPTH"]) == ("0.5", "3")
    assert json.loads(seen["SM_USER_ARGS"]) == report.arguments
    assert seen["SM_NUM_CPUS"] == str(os.cpu_count())
    assert seen["SM_NUM_GPUS"] == "0"
    assert json.loads(seen["SM_TRAINING_ENV"])["hyperparameters"] == {"alpha": 0.5, "max_depth": 3}


def test_numeric_libraries_start_no_more_threads_than_the_instance_has_cpus(report):
    limit = "1" if os.cpu_count() > 1 else None  # the local AWS of the tests has --instance-cpus 1
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    assert [report.variables.get(name) for name in names] == [limit, limit]


@pytest.mark.observes("train-hosts")
def test_job_has_one_host_whose_name_is_not_resolved(report):
    assert json.loads(report.variables["SM_HOSTS"]) == ["algo-1"]
    assert report.variables["SM_CURRENT_HOST"] == "algo-1"
    assert report.variables["SM_STUDIO_LOCAL_MODE"] == "true"


@pytest.mark.slow
@pytest.mark.observes("train-program-env")
def test_program_can_be_set_by_a_variable(account):
    mode = script_mode(account, {"other.py": "print('other ran')"}, "train.py")
    del mode["sagemaker_program"]
    variables = {"SAGEMAKER_PROGRAM": "other.py"}
    job = account.run_job("", HyperParameters=mode, Environment=variables)
    assert "other ran" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
@pytest.mark.observes("train-submit-directory-env")
def test_bundle_set_by_a_variable_is_ignored(account):
    bundle = account.upload_bundle({"train.py": "print('ran')"})
    changes = {
        "HyperParameters": {"sagemaker_program": "train.py"},
        "Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": bundle},
    }
    lines = account.job_log(account.run_job("", "Failed", **changes)["TrainingJobName"])
    assert "ran" not in lines
    assert any("train.py" in line and "No such file" in line for line in lines)


@pytest.mark.slow
@pytest.mark.observes("train-nested-entry-point")
def test_entry_point_in_a_folder_imports_from_it_before_the_root_of_the_bundle(account):
    files = {
        "package/__init__.py": "",
        "package/train.py": "import package, neighbor, both; print('both is', both.PLACE)",
        "package/neighbor.py": "",
        "package/both.py": "PLACE = 'next to the script'",
        "both.py": "PLACE = 'at the root'",
    }
    mode = script_mode(account, files, "package/train.py")
    job = account.run_job("", HyperParameters=mode)
    assert "both is next to the script" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
@pytest.mark.observes("train-setup-py")
def test_bundle_with_a_setup_py_fails_and_the_log_says_why(account):
    files = {"train.py": "print('ran')", "setup.py": "from setuptools import setup; setup()"}
    lines = account.job_log(account.run_job(files, "Failed")["TrainingJobName"])
    assert "ran" not in lines
    assert any("ERROR: the local AWS does not reproduce: pip install" in line for line in lines)


@pytest.mark.slow
@pytest.mark.observes("train-output-folder")
def test_job_that_fails_immediately_has_its_output_folder(account):
    script = "import os, pathlib; print(pathlib.Path(os.environ['SM_OUTPUT_DIR']).is_dir())\n1 / 0"
    assert "True" in account.job_log(account.run_job(script, "Failed")["TrainingJobName"])


def run_launcher(base: Path, script: str) -> int:
    """Run the launcher with a script and a folder as its /opt/ml; return its exit code."""
    for folder in ("model", "output/data", "input/config", "code"):
        (base / folder).mkdir(parents=True)
    (base / "code" / "train.py").write_text(script, encoding="utf-8")
    config = {
        "hyperparameters": {"sagemaker_program": "train.py"},
        "inputdataconfig": {},
        "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }
    for name, content in config.items():
        path = base / "input" / "config" / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
    image = base / "image"  # the scikit-learn image has no TensorFlow
    image.mkdir()
    (image / "tensorflow.py").write_text("raise ImportError(__name__)", encoding="utf-8")
    variables = {
        "SAGEMAKER_BASE_DIR": str(base),
        "SM_STUDIO_LOCAL_MODE": "true",
        "PYTHONPATH": str(image),
    }
    command = [sys.executable, "-m", "sagemaker_training.cli.train"]
    return subprocess.run(
        command, cwd=base / "code", env={**os.environ, **variables}, capture_output=True
    ).returncode


@pytest.mark.observes("train-success-file")
def test_launcher_of_a_successful_script_leaves_a_success_file(tmp_path):
    assert run_launcher(tmp_path, "print('ran')") == 0
    assert (tmp_path / "output" / "success").exists()
    assert not (tmp_path / "output" / "failure").exists()


@pytest.mark.observes("train-failure-file")
def test_launcher_of_a_script_that_fails_leaves_a_failure_file(tmp_path):
    assert run_launcher(tmp_path, "raise SystemExit(7)") == 1
    assert (tmp_path / "output" / "failure").read_text(encoding="utf-8")
    assert not (tmp_path / "output" / "success").exists()
