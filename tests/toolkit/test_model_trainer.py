"""ModelTrainer of SDK v3 trains a recipe in the local AWS."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from local_aws.testing import LocalAws
from local_aws.tests.clients.packages import run_with_sdk_v3
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.jobs.bundles import pack_sources
from tests.data_source import DataSource
from tests.scripts.processes import RECIPE
from tests.scripts.releases import Release, full_release

pytestmark = pytest.mark.toolkit
PROGRAM = Path(__file__).with_name("model_trainer.py")


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


def job_of_the_sdk(release: Release, aws: LocalAws, folder: Path) -> dict[str, Any]:
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
    # The SDK expects a role that may use a VPC, which ours may not.
    environment = aws.environment() | {"SAGEMAKER_VALIDATE_ROLE": "false"}
    program = PROGRAM.read_text(encoding="utf-8")
    ended = run_with_sdk_v3(environment, folder, program, stdin=json.dumps(plan))
    job = json.loads(ended.stdout.splitlines()[-1])
    assert job["status"] == "Completed"
    assert f"training {RECIPE} on " in ended.stdout + ended.stderr
    return dict(sagemaker.describe_training_job(TrainingJobName=job["name"]))


def test_model_trainer_produces_the_same_metrics_as_our_job(release, local_aws, tmp_path):
    job = job_of_the_sdk(release, local_aws, tmp_path)
    assert job["AlgorithmSpecification"]["ContainerEntrypoint"] == ["/bin/bash"]
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    bucket, _, key = output.removeprefix("s3://").partition("/")
    body = release.scripts.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        metrics = json.load(tar.extractfile("metrics.json"))
    assert metrics == release.train["metrics"]
