"""A release to Lambda in calls: what is uploaded, the API's definition, the stack's parameters."""

import json
from dataclasses import replace

import boto3
import pytest
from botocore.validate import ParamValidator
from cfnlint.decode import decode

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import lambda_stack_name
from scripts.functions.numpy_layer import AWS_TARGET, FunctionTarget
from scripts.functions.plans import (
    DOCUMENT,
    TEMPLATE,
    FunctionPlan,
    api_definition,
    stack_call,
    stack_parameters,
    uploads,
)

RECIPE = "spooky-topic-forest"
PLAN = FunctionPlan(
    recipe=RECIPE,
    stack=lambda_stack_name("newsgroup-classifier", RECIPE),
    bucket="the-bucket",
    code=b"code",
    model=b"model",
    target=AWS_TARGET,
    memory=512,
    concurrency=20,
    rate=100,
    burst=200,
)
CODE = "5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b"
MODEL = "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"


def test_uploads_are_named_by_what_they_hold():
    code, model, definition = uploads(PLAN)
    assert code.key == f"lambda/code/{CODE}.zip"
    assert model.key == f"lambda/models/{RECIPE}/{MODEL}.npz"
    assert definition.key.startswith("lambda/api/")
    assert uploads(replace(PLAN, code=b"other"))[0].key != code.key
    assert uploads(replace(PLAN, code=b"other"))[1:] == (model, definition)


def test_parameters_name_what_was_uploaded():
    found = stack_parameters(PLAN)
    assert found["CodeBucket"] == "the-bucket"
    assert found["ModelPrefix"] + found["ModelFile"] == uploads(PLAN)[1].key
    assert found["ModelSha256"] == MODEL
    assert found["DefinitionUri"] == f"s3://the-bucket/{uploads(PLAN)[2].key}"
    assert (found["Runtime"], found["Architecture"]) == ("python3.12", "arm64")
    here = replace(PLAN, target=FunctionTarget("3.11", "x86_64", here=True))
    assert stack_parameters(here)["Runtime"] == "python3.11"


def test_parameters_are_those_of_the_template():
    template, _ = decode(str(TEMPLATE))
    names = set(template["Parameters"])
    required = {name for name in names if "Default" not in template["Parameters"][name]}
    assert required <= set(stack_parameters(PLAN)) <= names


@pytest.mark.parametrize(
    "change",
    [
        {"code": b"other"},
        {"model": b"other"},
        {"memory": 1024},
        {"target": FunctionTarget("3.11", "arm64")},
    ],
)
def test_release_sha256_changes_with_whatever_the_function_is_made_of(change):
    before, after = stack_parameters(PLAN), stack_parameters(replace(PLAN, **change))
    assert before["ReleaseSha256"] != after["ReleaseSha256"]
    limits = stack_parameters(replace(PLAN, concurrency=5, rate=1, burst=1))
    assert limits["ReleaseSha256"] == before["ReleaseSha256"], "limits need no new version"


@pytest.mark.parametrize(("exists", "operation"), [(False, "create_stack"), (True, "update_stack")])
def test_stack_call_is_one_that_aws_accepts(exists, operation):
    call = stack_call(PLAN, exists)
    assert (call.service, call.operation) == ("cloudformation", operation)
    client = boto3.client(
        "cloudformation",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    assert not ParamValidator().validate(call.parameters, shape).has_errors()
    assert len(call.parameters["TemplateBody"].encode()) <= 51_200


def test_api_definition_has_the_routes_of_the_document_and_the_integration_alone():
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    found = api_definition(document)
    assert found["openapi"].startswith("3.0."), "API Gateway reads no 3.1"
    routes = {(path, method) for path, methods in found["paths"].items() for method in methods}
    assert routes == {("/predict", "post"), ("/health", "get"), ("/openapi.json", "get")}
    for methods in found["paths"].values():
        for operation in methods.values():
            integration = operation["x-amazon-apigateway-integration"]
            assert integration["payloadFormatVersion"] == "2.0"
            assert "${FunctionAliaslive}" in integration["uri"]["Fn::Sub"]
    assert "schema" not in json.dumps(found)


@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.served_by_lambda])
def test_stack_name_leaves_room_for_the_function_it_names(recipe):
    # CloudFormation names the function STACK-Function-XXXXXXXXXXXX, of at most 64 characters.
    assert len(lambda_stack_name("newsgroup-classifier", recipe)) + len("-Function-") + 12 <= 64
