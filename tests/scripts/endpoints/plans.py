"""Plans of a training job and a release, with the values that their requests have."""

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.stacks import Foundation
from scripts.endpoints.plans import ReleasePlan
from scripts.jobs.training_plans import TrainingPlan
from tests.scripts.processes import IMAGE, RECIPE

STAMP = "20260102030405-00ff00"
NAME = f"{RECIPE}-{STAMP}"
ROLE = "arn:aws:iam::123456789012:role/execution"
PACKAGE = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{RECIPE}/3"
MODEL = f"s3://bucket/jobs/{RECIPE}/{NAME}/output/model.tar.gz"
TAGS = [{"Key": "project", "Value": "newsgroup-classifier"}, {"Key": "recipe", "Value": RECIPE}]
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


def training_plan(recipe: str = RECIPE) -> TrainingPlan:
    return TrainingPlan(
        recipe=RECIPES[recipe],
        stamp=STAMP,
        image=IMAGE,
        instance_type="ml.m5.large",
        hyperparameters={"alpha": 0.01},
        code_uri="s3://bucket/code/0/sourcedir.tar.gz",
        channel_uris={"train": "s3://bucket/data/train/", "test": "s3://bucket/data/test/"},
        foundation=Foundation("bucket", ROLE),
    )


def release_plan(recipe: str = RECIPE) -> ReleasePlan:
    # A described package has more members than a model allows.
    containers = [container | {"ImageDigest": "sha256:00"} for container in CONTAINERS]
    return ReleasePlan(
        recipe=RECIPES[recipe],
        stamp=STAMP,
        package_arn=PACKAGE,
        containers=containers,
        endpoint_name="the-endpoint",
        instance_type="ml.c5.large",
        instance_count=2,
        role_arn=ROLE,
    )
