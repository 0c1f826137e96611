"""A model archive without an artifact is not registered, and the message says why."""

import os
import shutil
import subprocess
import sys

import pytest

from local_aws.testing import ROOT
from local_aws.tests.account import archive, unique
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.model_archives import MANIFEST, record_model
from tests.scripts.processes import RECIPE

SAVES = "    artifacts.save_artifact(arguments.paths.model, objects, about, sources, extras)\n"


@pytest.fixture
def project(tmp_path):
    """Copy the project, with a training program that does not save the model."""
    for name in ("newsgroup_classifier", "inference_pipeline", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    program = tmp_path / "newsgroup_classifier" / "training" / "scikit_learn" / "saving.py"
    source = program.read_text()
    assert source.count(SAVES) == 1
    program.write_text(source.replace(SAVES, ""))
    return tmp_path


def packages(small):
    response = small.scripts.client("sagemaker").list_model_packages(
        ModelPackageType="Both", MaxResults=100
    )
    return [item["ModelPackageArn"] for item in response["ModelPackageSummaryList"]]


@pytest.mark.slow
def test_train_whose_job_saves_no_model_registers_nothing_and_says_so(small, project):
    before = packages(small)
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.train", "--recipe", RECIPE, "--approve"],
        cwd=project, env=small.scripts.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("error: the training job saved no model: expected manifest.json in s3:")
    assert last.endswith("model.tar.gz, found nothing. Nothing was registered; see the job's log.")
    assert "Traceback" not in ended.stderr
    assert packages(small) == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive({"model.joblib": b"x", "more": b"y"}), "found model.joblib, more. Nothing was"),
        (b"no archive", "is not a valid archive: Not a gzipped file"),
        (archive({"model.joblib": os.urandom(9999)})[:5000], "is not a valid archive: "),
        (None, "does not exist; train the model again"),
    ],
    ids=["no manifest", "text", "cut off", "missing"],
)
def test_model_archive_without_an_artifact_is_refused(small, monkeypatch, content, reason):
    uri = f"s3://{small.setup['bucket']}/no-model/{unique('model')}.tar.gz"
    if content is not None:
        small.scripts.put_object(uri, content)
    monkeypatch.setenv("AWS_ENDPOINT_URL", small.scripts.aws.url)
    with pytest.raises(DeploymentError) as caught:
        record_model(Aws(small.scripts.region), uri)
    assert reason in str(caught.value)


def test_name_of_the_manifest_is_that_of_the_library():
    assert MANIFEST == artifacts.MANIFEST
