"""Jobs of SDK v3's ModelTrainer run under AWS's own drivers, and differ from the toolkit's so."""

import json
from typing import Any

import pytest

from local_aws.tests.account import IMAGE, Account, eventually
from local_aws.tests.sagemaker.training import v3_launcher
from local_aws.tests.stages import processes_of

TELL = """
import json, os, sys
print("told=" + json.dumps({
    "argv": sys.argv[1:],
    "cwd": os.getcwd(),
    "variables": {name: text for name, text in os.environ.items() if name.startswith("SM_")},
}))
"""
SEVERAL = {"C": 0.5, "learning-rate": 0.1, "on": True, "off": None, "steps": {"a": 1}, "word": "w"}


def told(account: Account, job: dict[str, Any]) -> dict[str, Any]:
    """Return what the script TELL saw."""
    log = account.job_log(job["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", log
    (line,) = [line for line in log if line.startswith("told=")]
    return dict(json.loads(line.removeprefix("told=")))


@pytest.fixture(scope="module")
def seen(account) -> dict[str, Any]:
    """Give what a script sees whose job has hyperparameters of every type."""
    return told(account, v3_launcher.run_job(account, TELL, SEVERAL))


@pytest.mark.observes("launcher-v3-flag-spelling")
def test_v3_job_gets_every_flag_with_two_dashes(seen):
    assert seen["argv"][::2] == ["--C", "--learning-rate", "--on", "--off", "--steps", "--word"]


@pytest.mark.observes("launcher-v3-values")
def test_v3_job_gets_values_as_json(seen):
    assert seen["argv"][1::2] == ["0.5", "0.1", "true", "null", '{"a": 1}', "w"]
    assert json.loads(seen["variables"]["SM_HPS"]) == SEVERAL


@pytest.mark.observes("launcher-v3-environment-names")
def test_v3_job_has_underscores_in_the_names_of_its_variables(seen):
    assert seen["variables"]["SM_HP_LEARNING_RATE"] == "0.1"
    assert "SM_HP_LEARNING-RATE" not in seen["variables"]


@pytest.mark.observes("launcher-v3-quote")
def test_v3_job_with_an_apostrophe_in_a_value_dies_before_its_script(account):
    job = v3_launcher.run_job(account, "print('ran')", {"word": "it's"})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("exit code: 2")
    log = account.job_log(job["TrainingJobName"])
    assert any("sm_training.env" in line and "unexpected EOF" in line for line in log)
    assert "ran" not in log


@pytest.mark.observes("launcher-v3-exit-code-and-folder")
def test_v3_job_runs_in_its_code_channel(seen):
    assert seen["cwd"].endswith("/opt/ml/input/data/code")


@pytest.mark.observes("launcher-v3-exit-code-and-folder")
def test_v3_job_ends_with_the_exit_code_of_its_script(account):
    job = v3_launcher.run_job(account, "import sys; sys.exit(7)")
    assert job["FailureReason"].endswith("exit code: 7")


@pytest.mark.observes("launcher-v3-failure-text")
def test_v3_job_that_raises_fails_with_the_traceback_of_the_driver_only(account):
    job = v3_launcher.run_job(account, "raise ValueError('the reason')")
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: Traceback (most recent call last)")
    assert "subprocess.CalledProcessError: Command" in reason
    assert "returned non-zero exit status 1., exit code: 1" in reason
    assert "the reason" not in reason
    assert "ValueError: the reason" in account.job_log(job["TrainingJobName"])


@pytest.mark.observes("launcher-v3-failure-text")
def test_v3_job_whose_script_wrote_a_failure_file_fails_with_its_text(account):
    script = (
        "import os, pathlib, sys\n"
        "pathlib.Path(os.environ['SM_OUTPUT_FAILURE']).write_text('alpha is too small')\n"
        "sys.exit(1)\n"
    )
    job = v3_launcher.run_job(account, script)
    assert job["FailureReason"] == "AlgorithmError: alpha is too small, exit code: 1"


@pytest.mark.observes("launcher-v3-variables")
def test_v3_job_has_variables_of_its_launcher_and_none_of_the_toolkit_s(seen):
    variables = seen["variables"]
    assert variables["SM_ENTRY_SCRIPT"] == "train.py"
    assert variables["SM_SOURCE_DIR"] == seen["cwd"]
    assert json.loads(variables["SM_CHANNELS"]) == ["code", "sm_drivers"]
    assert "SM_USER_ARGS" not in variables
    assert not [name for name in variables if name.startswith("SM_MODULE_")]


@pytest.mark.observes("launcher-v3-requirements")
@pytest.mark.parametrize("asked", [True, False], ids=["asked for", "not asked for"])
def test_v3_job_installs_its_requirements_only_if_the_trainer_was_told_to(account, asked):
    more = {"requirements.txt": "tqdm\n"}
    job = v3_launcher.run_job(account, "import tqdm; print('ran')", more=more, requirements=asked)
    log = account.job_log(job["TrainingJobName"])
    assert job["TrainingJobStatus"] == ("Completed" if asked else "Failed")
    assert ("ran" in log) == asked
    assert any("No module named 'tqdm'" in line for line in log) != asked


def test_v3_job_uploads_what_its_script_leaves_in_the_folders_it_is_told(account):
    script = (
        "import os, pathlib\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'model.txt').write_text('a model')\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DATA_DIR'], 'table.txt').write_text('a table')\n"
    )
    job = v3_launcher.run_job(account, script)
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    for uri, names in (
        (model, ["model.txt"]),
        (model.replace("model.t", "output.t"), ["table.txt"]),
    ):
        with account.download(uri) as tar:
            assert tar.getnames() == names


def test_v3_job_importing_what_its_image_lacks_fails_with_the_import_in_its_log(account):
    job = v3_launcher.run_job(account, "import moto")
    assert job["TrainingJobStatus"] == "Failed"
    log = "\n".join(account.job_log(job["TrainingJobName"]))
    assert "ModuleNotFoundError: No module named 'moto' (the image" in log


def test_v3_job_keeps_the_paths_that_its_own_files_and_values_spell_out(account):
    script = f"{TELL}\nprint(open(__file__).read().count('/opt/' + 'ml') )\n# /opt/ml/model\n"
    job = v3_launcher.run_job(account, script, {"folder": "/opt/ml/model"})
    assert told(account, job)["argv"] == ["--folder", "/opt/ml/model"]
    assert "1" in account.job_log(job["TrainingJobName"])


def test_v3_job_that_is_stopped_ends_stopped_and_leaves_no_process(account):
    script = "import time\nprint('waiting', flush=True)\nwhile True: time.sleep(0.1)\n"
    request = v3_launcher.job_request(account, {"train.py": script}, {})
    name = request["TrainingJobName"]
    account.sagemaker.create_training_job(**request)
    eventually(lambda: processes_of(name))
    eventually(lambda: _secondary(account, name) == "Training")
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.finished_job(name)["TrainingJobStatus"] == "Stopped"
    assert not processes_of(name)


def _secondary(account: Account, name: str) -> str:
    return str(account.sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"])


@pytest.mark.parametrize(
    ("entry_point", "arguments", "line"),
    [
        (["python3"], ["-c", "import sys; print('arguments', sys.argv[1:])", "$HOME; ls"],
         "arguments ['$HOME; ls']"),
        (["/bin/sh", "-c", "command -v pip3"], [], "/sites/container/programs/pip3"),
        (["/bin/echo"], ["/opt/ml/model"], "/opt/ml/model"),
    ],
    ids=["arguments are no shell's", "pip is the stand-in", "arguments have the job's folder"],
)  # fmt: skip
def test_job_with_an_entry_point_of_its_own_runs_it_as_it_is(account, entry_point, arguments, line):
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": entry_point,
    } | ({"ContainerArguments": arguments} if arguments else {})
    request = account.job_request({}, AlgorithmSpecification=algorithm)
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    (logged,) = account.job_log(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert logged.endswith(line)
    assert logged != "/opt/ml/model"


def test_job_whose_entry_point_is_not_there_fails_and_names_it(account):
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File",
                 "ContainerEntrypoint": ["/nowhere/train"]}  # fmt: skip
    request = account.job_request({}, AlgorithmSpecification=algorithm)
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["FailureReason"].endswith("exit code: 127")
    (line,) = account.job_log(request["TrainingJobName"])
    assert line == "exec: /nowhere/train: No such file or directory"
