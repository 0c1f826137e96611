"""Plans of a training job and a release, with the values that their requests have."""

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.model_archives import ModelArchive
from scripts.account.stacks import Foundation
from scripts.endpoints.plans import Live, ReleasePlan
from scripts.jobs.training_plans import TrainingPlan
from tests.scripts.processes import IMAGE, RECIPE

STAMP = "20260102030405-00ff00"
NAME = f"{RECIPE}-{STAMP}"
ROLE = "arn:aws:iam::123456789012:role/execution"
PACKAGE = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{RECIPE}/3"
MODEL = f"s3://bucket/jobs/{RECIPE}/{NAME}/output/model.tar.gz"
ARCHIVE = ModelArchive(MODEL, "version-1", "0" * 64)
SERVED = f"s3://bucket/models/{RECIPE}/{NAME}/model.tar.gz"  # a copy of the archive
TAGS = [
    {"Key": "project", "Value": "newsgroup-classifier"},
    {"Key": "stack", "Value": "newsgroup-classifier"},
    {"Key": "recipe", "Value": RECIPE},
]
CONTAINERS = [
    {
        "ContainerHostname": stage,
        "Image": IMAGE,
        "ModelDataUrl": MODEL,
        "Environment": {
            "SAGEMAKER_PROGRAM": f"inference_pipeline.{stage}",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/serving",
        },
    }
    for stage in ("preprocess", "predict")
]

# The endpoint config of a live endpoint, as AWS describes it, with settings that no flag names.
CONFIG = {
    "EndpointConfigName": f"{RECIPE}-20260101000000-000000",
    "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/old",
    "CreationTime": "2026-01-01",
    "ResponseMetadata": {"HTTPStatusCode": 200},
    "KmsKeyId": "a-key",
    "DataCaptureConfig": {
        "InitialSamplingPercentage": 10,
        "DestinationS3Uri": "s3://bucket/capture/",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    },
    "ProductionVariants": [
        {
            "VariantName": "blue",
            "ModelName": "old",
            "InstanceType": "ml.m5.4xlarge",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 0.5,
            "VolumeSizeInGB": 30,
        }
    ],
}
LIVE = Live(CONFIG, {"RetainAllVariantProperties": True})


def training_plan(recipe: str = RECIPE) -> TrainingPlan:
    return TrainingPlan(
        recipe=RECIPES[recipe],
        job_name=f"{recipe}-{STAMP}",
        image=IMAGE,
        instance_type="ml.m5.large",
        hyperparameters={"alpha": 0.01},
        code_uri="s3://bucket/code/0/sourcedir.tar.gz",
        channel_keys={name: f"data/{name}/{name}.csv" for name in ("train", "test")},
        foundation=Foundation("bucket", ROLE),
    )


def release_plan(recipe: str = RECIPE) -> ReleasePlan:
    # A described package has more members than a model allows.
    containers = [container | {"ImageDigest": "sha256:00"} for container in CONTAINERS]
    return ReleasePlan(
        recipe=RECIPES[recipe],
        stamp=STAMP,
        package_arn=PACKAGE,
        archive=ARCHIVE,
        containers=containers,
        endpoint_name="the-endpoint",
        instance_type="ml.c5.large",
        instance_count=2,
        bucket="bucket",
        role_arn=ROLE,
    )
