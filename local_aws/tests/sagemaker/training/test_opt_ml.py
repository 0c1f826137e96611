"""Scripts that name /opt/ml: it is the job's own, or the job fails with the line to change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.processes import namespaces_are_used
from local_aws.sagemaker.containers import environment
from local_aws.sagemaker.containers.environment import OptMl
from local_aws.settings import Settings
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, unique

needs_namespaces = pytest.mark.skipif(
    not namespaces_are_used(Settings(Path("/nowhere"))), reason="needs mount namespaces"
)

LITERAL = """
import os
import pathlib
import subprocess

with open("/opt/ml/input/data/train/data.csv") as file:
    rows = file.read().split()
pathlib.Path("/opt/ml/model/model.txt").write_text(" ".join(rows))
subprocess.run("cp /opt/ml/model/model.txt /opt/ml/output/data/copy.txt", shell=True, check=True)
print("entries", sorted(os.listdir("/opt")), os.environ["SM_MODEL_DIR"] != "/opt/ml/model")
print("same", os.path.samefile("/opt/ml/model", os.environ["SM_MODEL_DIR"]))
"""


def channel(account: Account, text: str) -> list[dict[str, Any]]:
    uri = account.upload(f"{unique('data')}/data.csv", text).rpartition("/")[0]
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


def folder_names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def member(account: Account, job: dict[str, Any], name: str, archive: str = "model") -> str:
    uri = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar", f"{archive}.tar")
    with account.download(uri) as tar:
        file = tar.extractfile(name)
        assert file is not None
        return file.read().decode()


@needs_namespaces
@pytest.mark.observes("train-opt-ml")
def test_literal_opt_ml_is_the_folder_of_the_job(account):
    before = folder_names("/opt")
    names = [
        account.start_job(LITERAL, InputDataConfig=channel(account, text))
        for text in ("1 2", "3 4")
    ]
    jobs = [account.finished_job(name) for name in names]
    assert [job.get("FailureReason") for job in jobs] == [None, None]
    assert [member(account, job, "model.txt") for job in jobs] == ["1 2", "3 4"]
    assert member(account, jobs[1], "copy.txt", "output") == "3 4"
    lines = account.job_log(names[0])
    assert "same True" in lines
    assert f"entries {sorted({*before, 'ml'})} True" in lines
    assert folder_names("/opt") == before


SERVE = """
import pathlib


def model_fn(model_dir):
    return pathlib.Path("/opt/ml/model/code/serve.py").read_text()


def input_fn(body, content_type):
    return body


def predict_fn(body, model):
    return model


def output_fn(prediction, accept):
    return prediction, "text/plain"
"""


@pytest.mark.slow
@needs_namespaces
@pytest.mark.observes("serve-opt-ml")
def test_literal_opt_ml_is_the_folder_of_the_serving_container(account):
    endpoint = account.deploy(account.packed_container(SERVE))
    answer = account.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"any")
    assert answer["Body"].read().decode() == SERVE
    account.delete_endpoint(endpoint)


@pytest.mark.slow
@pytest.mark.observes("train-empty-model")
def test_job_without_a_model_is_completed_with_a_warning(account):
    job = account.run_job("print('nothing to save')")
    warning = "Warning: the folder /opt/ml/model is empty, so model.tar.gz has no files."
    lines = account.job_log(job["TrainingJobName"])
    assert [line for line in lines if warning in line]
    messages = {item["Status"]: item["StatusMessage"] for item in job["SecondaryStatusTransitions"]}
    assert warning in messages["Uploading"]
    assert account.outputs(job) == []


@pytest.mark.slow
def test_job_with_a_model_has_no_warning(account):
    job = account.run_job("import os; open(os.environ['SM_MODEL_DIR'] + '/m', 'w').close()")
    assert "Warning" not in str(job["SecondaryStatusTransitions"])


@pytest.fixture(scope="module")
def shared() -> Iterator[Account]:
    """Start a local AWS without namespaces."""
    with running_local_aws("--instance-cpus", "1", "--no-namespaces") as aws:
        yield Account(aws)


@pytest.mark.slow
@pytest.mark.observes("train-opt-ml-refused")
@pytest.mark.parametrize(
    ("line", "path", "variable"),
    [
        ("open('/opt/ml/model/m', 'w')", "/opt/ml/model/m", "SM_MODEL_DIR"),
        ("os.makedirs('/opt/ml/output/data')", "/opt/ml/output/data", "SM_OUTPUT_DATA_DIR"),
        ("open('/opt/ml/input/data/train/a.csv')", "/opt/ml/input/data/train/a.csv",
         "SM_CHANNEL_TRAIN"),
        ("pathlib.Path('/opt/ml/checkpoints').mkdir(parents=True)", "/opt/ml/checkpoints",
         "SAGEMAKER_BASE_DIR"),
        ("os.system('echo > /opt/ml/model/m')", "/opt/ml/model/m", "SM_MODEL_DIR"),
        ("subprocess.run(['touch', '/opt/ml/model/m'])", "/opt/ml/model/m", "SM_MODEL_DIR"),
    ],
)  # fmt: skip
def test_without_namespaces_a_job_that_uses_opt_ml_fails_with_the_line_and_the_variable(
    shared, line, path, variable
):
    script = (
        f"import os, pathlib, subprocess\ntry:\n    {line}\nexcept OSError as error:\n    pass\n"
    )
    job = shared.run_job(script, status="Failed")
    reason = job["FailureReason"]
    assert reason.startswith(f"AlgorithmError: train.py, line 3, uses {path}")
    assert reason.endswith(f"Use the variable {variable} instead.")
    assert not Path("/opt/ml/model/m").exists()


@pytest.mark.slow
def test_without_namespaces_the_variables_name_the_folders_of_the_job(shared):
    script = """
import os
with open(os.environ["SM_CHANNEL_TRAIN"] + "/data.csv") as file:
    text = file.read()
with open(os.environ["SM_MODEL_DIR"] + "/model.txt", "w") as file:
    file.write(text)
"""
    job = shared.run_job(script, InputDataConfig=channel(shared, "5 6"))
    assert member(shared, job, "model.txt") == "5 6"


def test_without_namespaces_a_change_of_opt_ml_by_other_code_is_noticed(tmp_path, monkeypatch):
    settings = Settings(tmp_path, namespaces=False)
    monkeypatch.setattr(environment, "PATH", str(tmp_path / "computer"))
    unchanged = OptMl(settings, tmp_path / "job" / "ml")
    assert unchanged.fault() == ""
    (tmp_path / "computer" / "model").mkdir(parents=True)
    assert "was changed while the job ran" in unchanged.fault()
    assert "SM_MODEL_DIR" in unchanged.fault()
    assert OptMl(settings, tmp_path / "job" / "ml").fault() == ""
