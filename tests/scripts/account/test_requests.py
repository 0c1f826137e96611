"""The requests of training and releasing match AWS's own model."""

from dataclasses import replace

import boto3
import pytest
from botocore.validate import ParamValidator

from local_aws.validation import validate
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Call
from scripts.account.registry import group_call, package_call
from scripts.approve import approval_call
from scripts.endpoints.plans import config_call, endpoint_call, model_call
from scripts.jobs.training_plans import training_call
from tests.scripts.endpoints.plans import LIVE, MODEL, PACKAGE, release_plan, training_plan
from tests.scripts.processes import IMAGES


def planned(recipe: str) -> list[Call]:
    release = release_plan(recipe)
    return [
        training_call(training_plan(recipe)),
        group_call(RECIPES[recipe]),
        package_call(RECIPES[recipe], IMAGES, MODEL, approved=False),
        approval_call({"ModelPackageArn": PACKAGE}, "Approved", "arn:aws:iam::123456789012:user/x"),
        model_call(release),
        config_call(release),
        endpoint_call(release),
        endpoint_call(replace(release, live=LIVE)),
    ]


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_request_matches_botocores_model_of_its_operation(recipe):
    client = boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    for call in planned(recipe):
        operation = client.meta.method_to_api_mapping[call.operation]
        shape = client.meta.service_model.operation_model(operation).input_shape
        report = ParamValidator().validate(call.parameters, shape)
        assert not report.has_errors(), report.generate_report()
        validate(call.parameters, shape)  # the patterns and sizes that only the service checks
