"""Jobs of SDK v3's ModelTrainer, which run under AWS's drivers, unlike those of the toolkit."""

import json
from typing import Any

import pytest

from local_aws.tests.account import IMAGE, Account, eventually
from local_aws.tests.sagemaker.training import v3_launcher
from local_aws.tests.stages import processes_of

REPORT = """
import json, os, sys
print("report=" + json.dumps({
    "argv": sys.argv[1:],
    "cwd": os.getcwd(),
    "variables": {name: text for name, text in os.environ.items() if name.startswith("SM_")},
}))
"""
SEVERAL = {"C": 0.5, "learning-rate": 0.1, "on": True, "off": None, "steps": {"a": 1}, "word": "w"}


def report_of(account: Account, job: dict[str, Any]) -> dict[str, Any]:
    """Return the report of a job."""
    log = account.job_log(job["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", log
    (line,) = [line for line in log if line.startswith("report=")]
    return dict(json.loads(line.removeprefix("report=")))


@pytest.fixture(scope="module")
def report(account) -> dict[str, Any]:
    """Return the report of a job with hyperparameters of every type."""
    return report_of(account, v3_launcher.run_job(account, REPORT, SEVERAL))


@pytest.mark.observes("launcher-v3-flag-spelling")
def test_v3_script_gets_every_flag_with_two_dashes(report):
    assert report["argv"][::2] == ["--C", "--learning-rate", "--on", "--off", "--steps", "--word"]


@pytest.mark.observes("launcher-v3-values")
def test_v3_script_gets_values_as_json(report):
    assert report["argv"][1::2] == ["0.5", "0.1", "true", "null", '{"a": 1}', "w"]
    assert json.loads(report["variables"]["SM_HPS"]) == SEVERAL


@pytest.mark.observes("launcher-v3-environment-names")
def test_v3_script_has_variables_with_underscores_for_dashes(report):
    assert report["variables"]["SM_HP_LEARNING_RATE"] == "0.1"
    assert "SM_HP_LEARNING-RATE" not in report["variables"]


@pytest.mark.slow
@pytest.mark.observes("launcher-v3-quote")
def test_v3_job_with_an_apostrophe_in_a_value_fails_before_its_script_starts(account):
    job = v3_launcher.run_job(account, "print('ran')", {"word": "it's"})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("exit code: 2")
    log = account.job_log(job["TrainingJobName"])
    assert any("sm_training.env" in line and "unexpected EOF" in line for line in log)
    assert "ran" not in log


@pytest.mark.observes("launcher-v3-exit-code-and-folder")
def test_v3_script_runs_in_the_code_channel(report):
    assert report["cwd"].endswith("/opt/ml/input/data/code")


@pytest.mark.slow
@pytest.mark.observes("launcher-v3-exit-code-and-folder")
def test_v3_job_has_the_exit_code_of_its_script(account):
    job = v3_launcher.run_job(account, "import sys; sys.exit(7)")
    assert job["FailureReason"].endswith("exit code: 7")


@pytest.mark.slow
@pytest.mark.observes("launcher-v3-failure-text")
def test_v3_job_with_an_exception_fails_with_the_traceback_of_the_driver_only(account):
    job = v3_launcher.run_job(account, "raise ValueError('the reason')")
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: Traceback (most recent call last)")
    assert "subprocess.CalledProcessError: Command" in reason
    assert "returned non-zero exit status 1., exit code: 1" in reason
    assert "the reason" not in reason
    assert "ValueError: the reason" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
@pytest.mark.observes("launcher-v3-failure-text")
def test_v3_failure_file_of_the_script_is_the_reason(account):
    script = (
        "import os, pathlib, sys\n"
        "pathlib.Path(os.environ['SM_OUTPUT_FAILURE']).write_text('alpha is too small')\n"
        "sys.exit(1)\n"
    )
    job = v3_launcher.run_job(account, script)
    assert job["FailureReason"] == "AlgorithmError: alpha is too small, exit code: 1"


@pytest.mark.observes("launcher-v3-variables")
def test_v3_script_has_the_variables_of_this_launcher_only(report):
    variables = report["variables"]
    assert variables["SM_ENTRY_SCRIPT"] == "train.py"
    assert variables["SM_SOURCE_DIR"] == report["cwd"]
    assert json.loads(variables["SM_CHANNELS"]) == ["code", "sm_drivers"]
    assert "SM_USER_ARGS" not in variables
    assert not [name for name in variables if name.startswith("SM_MODULE_")]


@pytest.mark.slow
@pytest.mark.observes("launcher-v3-requirements")
@pytest.mark.parametrize("install", [True, False])
def test_v3_job_installs_requirements_only_if_the_request_says_so(account, install):
    more = {"requirements.txt": "tqdm\n"}
    job = v3_launcher.run_job(account, "import tqdm; print('ran')", more=more, requirements=install)
    log = account.job_log(job["TrainingJobName"])
    assert job["TrainingJobStatus"] == ("Completed" if install else "Failed")
    assert ("ran" in log) == install
    assert any("No module named 'tqdm'" in line for line in log) != install


@pytest.mark.slow
def test_v3_job_uploads_the_model_and_the_output_data(account):
    script = (
        "import os, pathlib\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'model.txt').write_text('a model')\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DATA_DIR'], 'table.txt').write_text('a table')\n"
    )
    job = v3_launcher.run_job(account, script)
    assert account.outputs(job) == ["model.txt"]
    assert account.outputs(job, "output") == ["table.txt"]


@pytest.mark.slow
def test_v3_job_does_not_change_paths_in_its_own_files_and_values(account):
    script = f"{REPORT}\nprint(open(__file__).read().count('/opt/' + 'ml') )\n# /opt/ml/model\n"
    job = v3_launcher.run_job(account, script, {"folder": "/opt/ml/model"})
    assert report_of(account, job)["argv"] == ["--folder", "/opt/ml/model"]
    assert "1" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
def test_v3_job_that_is_stopped_leaves_no_process(account):
    script = "import time\nprint('waiting', flush=True)\nwhile True: time.sleep(0.1)\n"
    request = v3_launcher.job_request(account, {"train.py": script}, {})
    name = request["TrainingJobName"]
    account.sagemaker.create_training_job(**request)
    eventually(lambda: "waiting" in account.job_log(name))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.finished_job(name)["TrainingJobStatus"] == "Stopped"
    assert not processes_of(name)


@pytest.mark.parametrize(
    ("entry_point", "arguments", "line"),
    [
        (["python3"], ["-c", "import sys; print('arguments', sys.argv[1:])", "$HOME; ls"],
         "arguments ['$HOME; ls']"),
        (["/bin/sh", "-c", "command -v pip3"], [], "/sites/container/programs/pip3"),
        (["/bin/echo"], ["/opt/ml/model"], "/opt/ml/model"),
    ],
    ids=["no shell expansion", "pip is the stand-in", "arguments lead to the job's folder"],
)  # fmt: skip
def test_job_with_its_own_entry_point_runs_it_unchanged(account, entry_point, arguments, line):
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": entry_point,
    } | ({"ContainerArguments": arguments} if arguments else {})
    job = account.run_job("", AlgorithmSpecification=algorithm)
    logged, warning = account.job_log(job["TrainingJobName"])
    assert logged.endswith(line)
    assert warning.startswith("local AWS: Warning: the folder /opt/ml/model is empty")


def test_job_with_a_missing_entry_point_fails_and_names_it(account):
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File",
                 "ContainerEntrypoint": ["/nowhere/train"]}  # fmt: skip
    job = account.run_job("", "Failed", AlgorithmSpecification=algorithm)
    assert job["FailureReason"].endswith("exit code: 127")
    (line,) = account.job_log(job["TrainingJobName"])
    assert line == "exec: /nowhere/train: No such file or directory"
