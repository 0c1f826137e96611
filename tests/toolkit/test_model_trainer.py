"""ModelTrainer of SDK v3 trains a recipe in the local AWS."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from local_aws.testing import ROOT, LocalAws, running_local_aws
from local_aws.tests.test_documents import PAGE, block, run
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.jobs.bundles import pack_sources
from tests.data_source import DataSource
from tests.scripts.processes import RECIPE
from tests.scripts.releases import Release, full_release

pytestmark = pytest.mark.toolkit
SDK = ROOT / ".venv-sdk"
PROGRAM = Path(__file__).with_name("model_trainer.py")
# The SDK sends telemetry by default; tests must not use the network.
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1,localhost"}
CONFIG = """\
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


@pytest.fixture(scope="module")
def release(local_aws: LocalAws, data_source: DataSource) -> Release:
    """Release the real data of DATASETS_DIR, or the generated sample without it."""
    return full_release(local_aws, data_source)


def unpacked_bundle(folder: Path) -> Path:
    """Unpack the source bundle that scripts.train uploads."""
    with tarfile.open(fileobj=io.BytesIO(pack_sources(RECIPES[RECIPE].requirements))) as tar:
        for member in tar:
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tar.extractfile(member).read())
    return folder


def run_with_sdk(
    code: str, environment: dict[str, str], folder: Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program with the SDK's own Python in a folder."""
    assert (SDK / ".installed").exists(), f"{SDK} has no SageMaker SDK; install it with `make sdk`"
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    variables = OFFLINE | {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
        "SAGEMAKER_VALIDATE_ROLE": "false",  # it simulates policies, which moto does not support
        "HOME": str(folder),
    }
    ended = subprocess.run(
        [SDK / "bin" / "python", "-c", code],
        input=stdin,
        env=environment | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def job_of_the_sdk(release: Release, folder: Path) -> dict[str, Any]:
    """Train with the SDK on the data of the release; return the job's description."""
    sagemaker = release.scripts.client("sagemaker")
    ours = sagemaker.describe_training_job(TrainingJobName=release.train["training_job_name"])
    recipe = RECIPES[RECIPE]
    plan = {
        "image": ours["AlgorithmSpecification"]["TrainingImage"],
        "role": ours["RoleArn"],
        "bucket": release.setup["bucket"],
        "source_dir": str(unpacked_bundle(folder / "source")),
        "entry_script": recipe.program,
        "requirements": "requirements.txt",
        "hyperparameters": {"recipe": RECIPE, "alpha": 0.01},
        "output_path": ours["OutputDataConfig"]["S3OutputPath"],
        "channels": release.upload_data["channels"],
    }
    ended = run_with_sdk(PROGRAM.read_text(), release.scripts.environment, folder, json.dumps(plan))
    job = json.loads(ended.stdout.splitlines()[-1])
    assert job["status"] == "Completed"
    assert f"training {RECIPE} on " in ended.stdout + ended.stderr
    return dict(sagemaker.describe_training_job(TrainingJobName=job["name"]))


def test_model_trainer_produces_the_same_metrics_as_our_job(release, tmp_path):
    job = job_of_the_sdk(release, tmp_path)
    assert job["AlgorithmSpecification"]["ContainerEntrypoint"] == ["/bin/bash"]
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    bucket, _, key = output.removeprefix("s3://").partition("/")
    body = release.scripts.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        metrics = json.load(tar.extractfile("metrics.json"))
    assert metrics == release.train["metrics"]


def test_program_of_the_page_trains_with_the_sdk(tmp_path):
    for name in ("iris.py", "release.py", "src/iris.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block(PAGE, Path(name).name))
    with running_local_aws("--instance-cpus", "1") as aws:
        run(aws, tmp_path, sys.executable, "release.py")
        run_with_sdk(block(PAGE, "sdk"), aws.environment(), tmp_path)
        jobs = aws.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert [job["TrainingJobStatus"] for job in jobs] == ["Completed"] * 2
