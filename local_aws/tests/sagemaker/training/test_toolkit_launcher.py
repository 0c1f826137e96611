"""How the images' own launcher passes hyperparameters to a script and reports failures.

The launcher of the SDK's ModelTrainer differs in each of these points.
"""

import json
from pathlib import Path

import pytest

from local_aws.tests.sagemaker.training.reports import SCRIPT, Report, report_of

# All values of a request are strings; the launcher parses those that are JSON.
HYPERPARAMETERS = {
    "C": "0.5",
    "shuffle": "true",
    "seed": "null",
    "weights": '{"b": 2, "a": 1}',
    "learning-rate": "0.1",
    "name": "it's",
}


@pytest.fixture(scope="module")
def report(account) -> Report:
    """Run the reporting script with hyperparameters of several types."""
    bundle = account.upload_bundle({"train.py": SCRIPT})
    mode = {"sagemaker_program": "train.py", "sagemaker_submit_directory": bundle}
    return report_of(account, account.run_job("", HyperParameters=HYPERPARAMETERS | mode))


def argument_after(report: Report, flag: str) -> str:
    return report.arguments[report.arguments.index(flag) + 1]


@pytest.mark.observes("launcher-toolkit-flag-spelling")
def test_hyperparameter_of_one_letter_has_one_dash(report):
    assert argument_after(report, "-C") == "0.5"
    assert "--C" not in report.arguments


@pytest.mark.observes("launcher-toolkit-values")
@pytest.mark.parametrize(
    ("flag", "argument"), [("--shuffle", "True"), ("--seed", ""), ("--weights", "a=1,b=2")]
)
def test_json_value_of_a_hyperparameter_is_converted(report, flag, argument):
    assert argument_after(report, flag) == argument


@pytest.mark.observes("launcher-toolkit-environment-names")
def test_dash_in_the_name_of_a_hyperparameter_stays_in_its_variable(report):
    assert report.variables["SM_HP_LEARNING-RATE"] == "0.1"
    assert "SM_HP_LEARNING_RATE" not in report.variables


@pytest.mark.observes("launcher-toolkit-quote")
def test_apostrophe_in_a_hyperparameter_is_unchanged(report):
    assert argument_after(report, "--name") == "it's"
    assert report.variables["SM_HP_NAME"] == "it's"


@pytest.mark.observes("launcher-toolkit-variables")
def test_script_has_the_variables_of_this_launcher_only(report):
    variables = report.variables
    assert variables["SM_MODULE_NAME"] == "train"
    assert variables["SM_MODULE_DIR"].startswith("s3://")
    assert json.loads(variables["SM_USER_ARGS"]) == report.arguments
    assert not {"SM_SOURCE_DIR", "SM_ENTRY_SCRIPT"} & set(variables)


@pytest.mark.slow
@pytest.mark.observes(
    "launcher-toolkit-failure-text", "launcher-toolkit-exit-code-and-folder", "train-empty-message"
)
def test_exception_leaves_a_reason_of_four_lines_with_an_empty_message(account):
    job = account.run_job("raise ValueError('user text')", "Failed")
    lines = job["FailureReason"].splitlines()
    assert lines[:3] == ["AlgorithmError: ExecuteUserScriptError:", "ExitCode 1", 'ErrorMessage ""']
    command, _, ending = lines[3].partition(", ")
    assert Path(command.split()[1].strip('"')).name.startswith("python")
    assert command.endswith(' train.py"')
    assert ending == "exit code: 1"
    assert "ValueError: user text" in account.job_log(job["TrainingJobName"])


@pytest.mark.slow
@pytest.mark.observes("launcher-toolkit-requirements", "train-requirements-first")
def test_requirements_of_the_bundle_are_installed_before_the_script_starts(account):
    files = {"train.py": "import tqdm; print('imported')", "requirements.txt": "tqdm\n"}
    assert "imported" in account.job_log(account.run_job(files)["TrainingJobName"])
