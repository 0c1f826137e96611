"""How the images' own launcher hands hyperparameters to a script, and how it words a failure.

The launcher of the SDK's ModelTrainer does each of these things otherwise.
"""

import json
from pathlib import Path

import pytest

from local_aws.tests.account import Account
from local_aws.tests.sagemaker.training.reports import SCRIPT, Report, report_of

# A request holds texts only; the launcher reads each as JSON where it is JSON.
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
    """Run the reporting script with a hyperparameter of each kind."""
    bundle = account.upload_bundle({"train.py": SCRIPT})
    mode = {"sagemaker_program": "train.py", "sagemaker_submit_directory": bundle}
    name = account.start_job("", HyperParameters=HYPERPARAMETERS | mode)
    return report_of(account, account.finished_job(name))


def argument_after(report: Report, flag: str) -> str:
    return report.arguments[report.arguments.index(flag) + 1]


@pytest.mark.observes("launcher-toolkit-flag-spelling")
def test_hyperparameter_of_one_letter_has_one_dash(report):
    assert argument_after(report, "-C") == "0.5"
    assert "--C" not in report.arguments


@pytest.mark.observes("launcher-toolkit-values")
def test_hyperparameter_true_is_spelt_as_python_spells_it(report):
    assert argument_after(report, "--shuffle") == "True"


@pytest.mark.observes("launcher-toolkit-values")
def test_hyperparameter_null_is_an_empty_argument(report):
    assert argument_after(report, "--seed") == ""


@pytest.mark.observes("launcher-toolkit-values")
def test_hyperparameter_of_an_object_is_pairs_in_order(report):
    assert argument_after(report, "--weights") == "a=1,b=2"


@pytest.mark.observes("launcher-toolkit-environment-names")
def test_hyperparameter_with_a_dash_keeps_it_in_the_name_of_its_variable(report):
    assert report.variables["SM_HP_LEARNING-RATE"] == "0.1"
    assert "SM_HP_LEARNING_RATE" not in report.variables


@pytest.mark.observes("launcher-toolkit-quote")
def test_hyperparameter_with_an_apostrophe_arrives_as_it_is(report):
    assert argument_after(report, "--name") == "it's"
    assert report.variables["SM_HP_NAME"] == "it's"


@pytest.mark.observes("launcher-toolkit-exit-code-and-folder")
def test_script_runs_in_the_folder_of_the_code(report):
    assert report.cwd == report.base / "code"


@pytest.mark.observes("launcher-toolkit-variables")
def test_script_sees_its_module_and_its_arguments_and_nothing_of_the_other_launcher(report):
    seen = report.variables
    assert seen["SM_MODULE_NAME"] == "train"
    assert seen["SM_MODULE_DIR"].startswith("s3://")
    assert json.loads(seen["SM_USER_ARGS"]) == report.arguments
    assert not {"SM_SOURCE_DIR", "SM_ENTRY_SCRIPT"} & set(seen)


def failed(account: Account, script: str) -> str:
    """Run a script that must fail; return the FailureReason."""
    job = account.finished_job(account.start_job(script))
    assert job["TrainingJobStatus"] == "Failed"
    return str(job["FailureReason"])


@pytest.mark.observes(
    "launcher-toolkit-failure-text", "launcher-toolkit-exit-code-and-folder", "train-empty-message"
)
def test_script_that_raises_leaves_four_lines_with_an_empty_message(account):
    lines = failed(account, "raise ValueError('user text')").splitlines()
    assert lines[:3] == [
        "AlgorithmError: ExecuteUserScriptError:",
        "ExitCode 1",
        'ErrorMessage ""',
    ]
    command, _, ending = lines[3].partition(", ")
    assert Path(command.split()[1].strip('"')).name.startswith("python")
    assert command.endswith(' train.py"')
    assert ending == "exit code: 1"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("raise SystemExit(7)", "7"),
        ("import os; os.kill(os.getpid(), 9)", "-9"),
    ],
)
@pytest.mark.observes("train-exit-code", "launcher-toolkit-exit-code-and-folder")
def test_script_that_ends_otherwise_has_its_exit_code_in_the_text_only(account, script, code):
    reason = failed(account, script)
    assert f"\nExitCode {code}\n" in reason
    assert reason.endswith(", exit code: 1")


@pytest.mark.observes("launcher-toolkit-requirements", "train-requirements-first")
def test_requirements_of_the_bundle_are_there_when_the_script_starts(account):
    files = {"train.py": "import tqdm; print('imported')", "requirements.txt": "tqdm\n"}
    request = account.job_request(files)
    account.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    assert account.finished_job(name)["TrainingJobStatus"] == "Completed"
    assert "imported" in account.job_log(name)
