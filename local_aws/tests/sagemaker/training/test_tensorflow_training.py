"""Training jobs of the TensorFlow image: its launcher, variables, and packages.

The scripts do not import TensorFlow, which takes seconds.
"""

import importlib.util
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.containers.images import find_image
from local_aws.testing import ROOT
from local_aws.tests.account import Account
from local_aws.tests.sagemaker.training.clusters import (
    MULTI_WORKER,
    TENSORFLOW,
    finished,
    tensorflow,
)
from local_aws.tests.sagemaker.training.reports import SCRIPT, Report, report_of

pytestmark = pytest.mark.usefixtures("tensorflow")
SITE = Path(__file__).parents[3] / "sagemaker" / "containers" / "sites" / "tensorflow_training"
LAUNCHER = SITE / "sagemaker_tensorflow_container" / "training.py"
IMPORTS = """
import os
from importlib.util import find_spec
for name in ("matplotlib", "pandas", "sklearn", "tqdm", "tensorflow", "keras"):
    assert find_spec(name), name
for name in ("nltk", "wordcloud", "snowballstemmer", "moto"):
    try:
        has = find_spec(name) is not None
    except ModuleNotFoundError:
        has = False
    print(f"{'has' if has else 'lacks'} {name}")
print("TF_CONFIG" in os.environ)
"""


@pytest.fixture(scope="module")
def launcher() -> ModuleType:
    """Import the launcher outside its container."""
    spec = importlib.util.spec_from_file_location("launcher", LAUNCHER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def job(account: Account) -> dict[str, Any]:
    """Run the reporting script with a model_dir in S3, as SDK v2 does."""
    return finished(
        account, SCRIPT, tensorflow(), model_dir=json.dumps(f"s3://{account.bucket}/m"), epochs="2"
    )


@pytest.fixture(scope="module")
def report(account: Account, job: dict[str, Any]) -> Report:
    """Return the report of the script."""
    return report_of(account, job)


@pytest.mark.observes("tf-train-launcher")
def test_launcher_of_the_image_starts_the_job(account, job, report):
    assert report.variables["SM_FRAMEWORK_MODULE"] == "sagemaker_tensorflow_container.training:main"
    image = {
        "DLC_CONTAINER_TYPE": "training",
        "KMP_AFFINITY": "granularity=fine,compact,1,0",
        "KMP_BLOCKTIME": "1",
        "KMP_SETTINGS": "0",
        "TF_AUTOTUNE_THRESHOLD": "2",
    }
    assert image.items() <= report.variables.items()
    lines = "\n".join(account.job_log(job["TrainingJobName"]))
    assert "Imported framework sagemaker_tensorflow_container.training" in lines


@pytest.mark.observes("tf-train-model-dir", "tf-train-model-dir-s3")
def test_model_dir_is_passed_to_the_script_as_a_flag(account, report):
    assert report.arguments == ["--epochs", "2", "--model_dir", f"s3://{account.bucket}/m"]


@pytest.mark.observes("tf-train-variables")
def test_variables_set_the_region_and_the_log_level_of_tensorflow(report):
    names = ("S3_REGION", "S3_USE_HTTPS", "TF_CPP_MIN_LOG_LEVEL")
    assert [report.variables[name] for name in names] == ["us-east-1", "1", "1"]


@pytest.mark.observes("tf-train-model-warning")
def test_job_without_a_saved_model_logs_a_warning(account, job):
    lines = "\n".join(account.job_log(job["TrainingJobName"]))
    assert "Your model will NOT be servable with SageMaker TensorFlow Serving" in lines


@pytest.mark.observes("tf-train-model-warning")
@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("", "No model artifact is saved"),
        ("weights.h5", "NOT be servable"),
        ("export/saved_model.pb", 'under directory "export", not a numeric name'),
        ("1/saved_model.pb", ""),
    ],
)
def test_launcher_warns_of_a_model_that_cannot_be_served(launcher, tmp_path, caplog, name, warning):
    if name:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        launcher._warn_about_missing_model(tmp_path)
    assert warning in caplog.text
    assert bool(caplog.text) == bool(warning)


@pytest.mark.slow
@pytest.mark.observes("tf-train-model-dir-s3")
def test_model_dir_in_a_missing_bucket_fails_the_job_before_its_script_starts(account):
    job = finished(account, "print('ran')", tensorflow(), model_dir="s3://a-missing-bucket/m")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: Framework Error: ")
    lines = account.job_log(job["TrainingJobName"])
    assert any("NoSuchBucket" in line for line in lines)
    assert "ran" not in lines


@pytest.mark.slow
@pytest.mark.observes("tf-train-error-message", "tf-train-model-dir")
def test_error_of_the_script_is_in_the_reason(account):
    script = "import sys\nassert '--model_dir' not in sys.argv\nraise ValueError('user text')"
    reason = finished(account, script, tensorflow())["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage ")
    # The toolkit reads the script's output in pieces, and may split a line at a colon.
    assert re.search(r"ValueError:?\s+user text\"", reason)
    assert reason.endswith("exit code: 1")


@pytest.mark.observes("tf-train-error-class")
def test_error_of_tensorflow_is_the_first_word_of_the_reason(account):
    script = """
class InvalidArgumentError(Exception):
    pass
raise InvalidArgumentError("Matrix size-incompatible")
"""
    reason = finished(account, script, tensorflow())["FailureReason"]
    assert reason.startswith("AlgorithmError: InvalidArgumentError:\nExitCode 1\n")


@pytest.mark.slow
@pytest.mark.observes("tf-train-error-class")
def test_launcher_knows_all_errors_of_tensorflow(launcher):
    names = subprocess.run(
        [sys.executable, "-c", "from tensorflow.python.framework import errors_impl as e; "
         "import inspect; print(*[n for n, o in inspect.getmembers(e) if inspect.isclass(o)])"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert set(launcher._TENSORFLOW_ERRORS) == {*names, "XlaRuntimeError"}


@pytest.mark.slow
@pytest.mark.observes("tf-train-failure-kept")
def test_failure_file_of_the_script_is_not_overwritten(account):
    script = """
import os, pathlib
pathlib.Path(os.environ["SM_OUTPUT_DIR"], "failure").write_text("Label 7 has no name.")
raise ValueError("another text")
"""
    reason = finished(account, script, tensorflow())["FailureReason"]
    assert reason == "AlgorithmError: Label 7 has no name., exit code: 1"


@pytest.mark.slow
@pytest.mark.observes("tf-train-distributions", "tf-train-tf-config")
def test_script_can_import_the_packages_of_the_image_and_has_no_tf_config(account):
    job = account.run_job(IMPORTS, **tensorflow())
    lines = account.job_log(job["TrainingJobName"])
    assert {f"lacks {name}" for name in ("nltk", "wordcloud", "snowballstemmer")} <= set(lines)
    assert "False" in lines


def test_image_has_tensorflow_under_both_of_its_names():
    packages = find_image(TENSORFLOW).distributions
    assert packages["tensorflow"] == packages["tensorflow-cpu"] == "2.21.0"
    assert (packages["keras"], packages["scikit-learn"]) == ("3.15.1", "1.8.0")


@pytest.mark.observes("tf-train-model-dir-tuning")
@pytest.mark.parametrize(
    ("model_dir", "expected"),
    [("s3://b/m", "s3://b/m/job/model"), ("/opt/ml/model", "/opt/ml/model")],
)
def test_jobs_of_a_tuning_job_have_separate_model_dirs_in_s3(launcher, model_dir, expected):
    assert launcher._job_model_dir(model_dir, "job") == expected


@pytest.mark.observes("not-other-distributions")
@pytest.mark.parametrize(
    "name",
    [
        "sagemaker_mpi_enabled",
        "sagemaker_distributed_dataparallel_enabled",
        "sagemaker_parameter_server_enabled",
    ],
)
def test_other_way_to_distribute_training_is_refused_by_name(account, name):
    request = account.job_request({}, **tensorflow())
    request["HyperParameters"] |= {**MULTI_WORKER, name: "true"}
    with pytest.raises(ClientError, match=f"does not reproduce the hyperparameter {name}"):
        account.sagemaker.create_training_job(**request)


@pytest.mark.observes("tf-train-not-installed")
@pytest.mark.parametrize("files", [(), ("METADATA",)], ids=["empty folder", "incomplete"])
def test_job_without_complete_tensorflow_is_refused_with_the_command_that_installs_it(
    tmp_path, files
):
    for folder in ("tensorflow", "tensorflow_cpu-2.21.0.dist-info"):
        (tmp_path / folder).mkdir()
    for name in files:
        path = tmp_path / "tensorflow_cpu-2.21.0.dist-info" / name
        path.write_text("Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.21.0\n")
    check = """
import sys
from local_aws.sagemaker.containers.images import Image
from local_aws.sagemaker.training.launchers import check_launcher
sys.path = [folder for folder in sys.path if "site-packages" not in folder]
check_launcher(Image("tensorflow-training:2.21-cpu-py312", {}, ""), {})
"""
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": path}
    result = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, env=env)
    assert "which is not completely installed where the local AWS runs" in result.stderr
    assert "there: uv sync --extra tensorflow" in result.stderr


def test_model_with_the_training_image_is_refused(account):
    container = account.packed_container("") | {"Image": TENSORFLOW}
    with pytest.raises(ClientError, match="is for training and cannot serve"):
        account.sagemaker.create_model(ModelName="model-none", PrimaryContainer=container)


def test_job_with_an_inference_image_is_refused(account):
    image = TENSORFLOW.replace("training:2.21", "inference:2.20")
    with pytest.raises(ClientError, match="has no launcher for training jobs"):
        account.start_job("", **tensorflow(TrainingImage=image))
