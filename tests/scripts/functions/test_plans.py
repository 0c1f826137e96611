"""The calls of a release to Lambda: uploads, the API definition, and stack parameters."""

import json
import re
from dataclasses import replace

import boto3
import pytest
from botocore.validate import ParamValidator

from local_aws.cloudformation.template import read_template
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import lambda_stack_name
from scripts.functions.package import AWS_TARGET, FunctionTarget
from scripts.functions.plans import (
    DOCUMENT,
    SETTINGS,
    TEMPLATE,
    FunctionPlan,
    api_definition,
    stack_call,
    stack_parameters,
    uploads,
)

RECIPE = "spooky-topic-forest"
PLAN = FunctionPlan(
    recipe=RECIPES[RECIPE],
    stack=lambda_stack_name("newsgroup-classifier", RECIPE),
    bucket="the-bucket",
    code=b"code",
    model=b"model",
    target=AWS_TARGET,
    named={
        "MemorySize": "512",
        "ReservedConcurrency": "20",
        "ThrottleRate": "100",
        "ThrottleBurst": "200",
    },
)
CODE = "5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b"
MODEL = "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"


def test_uploads_are_named_by_their_content():
    code, model, definition = uploads(PLAN)
    assert code.key == f"lambda/code/{CODE}.zip"
    assert model.key == f"lambda/models/{RECIPE}/{MODEL}.npz"
    assert definition.key.startswith("lambda/api/")
    assert uploads(replace(PLAN, code=b"other"))[0].key != code.key
    assert uploads(replace(PLAN, code=b"other"))[1:] == (model, definition)


def test_stack_parameters_name_the_uploads():
    parameters = stack_parameters(PLAN)
    assert parameters["CodeBucket"] == "the-bucket"
    assert parameters["ModelPrefix"] + parameters["ModelFile"] == uploads(PLAN)[1].key
    assert parameters["ModelSha256"] == MODEL
    assert parameters["DefinitionUri"] == f"s3://the-bucket/{uploads(PLAN)[2].key}"
    assert (parameters["Runtime"], parameters["Architecture"]) == ("python3.12", "arm64")
    here = replace(PLAN, target=FunctionTarget("3.11", "x86_64", here=True))
    assert stack_parameters(here)["Runtime"] == "python3.11"


def test_stack_parameters_match_the_template():
    template = read_template(TEMPLATE.read_text(encoding="utf-8"))
    names = set(template["Parameters"])
    required = {name for name in names if "Default" not in template["Parameters"][name]}
    for plan in (PLAN, IN_FRONT):
        parameters = stack_parameters(plan)
        assert required <= set(parameters) <= names
        for name, value in parameters.items():
            pattern = template["Parameters"][name].get("AllowedPattern", ".*")
            assert re.fullmatch(pattern, value), name


def test_function_in_front_of_an_endpoint_has_its_name_and_its_resource_in_lower_case():
    code, definition = uploads(IN_FRONT)
    assert (code.key, definition) == (uploads(PLAN)[0].key, uploads(PLAN)[2])
    parameters = stack_parameters(IN_FRONT)
    assert parameters["EndpointName"] == "Mine-pipeline"
    assert parameters["EndpointResource"] == "endpoint/mine-pipeline"
    assert parameters["ModelSha256"] == "5" * 64
    assert not {"ModelPrefix", "ModelFile"} & set(parameters)
    assert not {"EndpointName", "EndpointResource"} & set(stack_parameters(PLAN))
    later = stack_parameters(replace(IN_FRONT, sha256="6" * 64))
    assert later["ReleaseSha256"] != parameters["ReleaseSha256"]


@pytest.mark.parametrize(
    "change",
    [
        {"code": b"other"},
        {"model": b"other"},
        {"named": {"MemorySize": "1024"}},
        {"target": FunctionTarget("3.11", "arm64")},
    ],
)
def test_release_sha256_changes_with_the_content_of_the_function(change):
    before, after = stack_parameters(PLAN), stack_parameters(replace(PLAN, **change))
    assert before["ReleaseSha256"] != after["ReleaseSha256"]
    others = {"ReservedConcurrency": "5", "ThrottleRate": "1", "ThrottleBurst": "1"}
    limits = stack_parameters(replace(PLAN, named={**PLAN.named, **others}))
    assert limits["ReleaseSha256"] == before["ReleaseSha256"], "limits need no new version"


UNNAMED = replace(PLAN, named={})
IN_FRONT = replace(UNNAMED, model=b"", endpoint="Mine-pipeline", sha256="5" * 64)
PREVIOUS = {
    "MemorySize": "1024",
    "Timeout": "20",
    "ReservedConcurrency": "5",
    "ThrottleRate": "50",
    "ThrottleBurst": "70",
    "LogRetentionDays": "7",
    "Page": "on",
    "Email": "night@example.com",
    "Authorizer": "jwt",
    "JwtIssuer": "https://issuer.example",
    "JwtAudience": "app",
    "CorsOrigins": "https://shop.example",
    "Recipe": RECIPE,
    "Removed": "a parameter that the template no longer has",
}


def test_first_release_has_the_defaults_of_the_template():
    assert UNNAMED.kept == {}
    assert not {*SETTINGS} & set(stack_parameters(UNNAMED))
    assert stack_parameters(UNNAMED)["ReleaseSha256"] == stack_parameters(PLAN)["ReleaseSha256"]


def test_update_keeps_every_parameter_that_no_flag_names():
    plan = replace(UNNAMED, previous=PREVIOUS, named={"ThrottleRate": "10"})
    parameters = stack_call(plan, {"Tags": []}).parameters["Parameters"]
    kept = [item["ParameterKey"] for item in parameters if item.get("UsePreviousValue")]
    assert kept == [name for name in SETTINGS if name != "ThrottleRate"]
    assert plan.kept == {name: PREVIOUS[name] for name in kept}
    assert {"ParameterKey": "ThrottleRate", "ParameterValue": "10"} in parameters


OF_ONE_RELEASE = {"Guarded", "ShiftType", "ShiftPercent", "ShiftMinutes", "ShiftAlarm"}


def test_every_parameter_of_the_template_is_named_or_kept_or_of_one_release():
    template = read_template(TEMPLATE.read_text(encoding="utf-8"))
    of_a_package = stack_parameters(replace(UNNAMED, package="arn"))
    named, settings = {*of_a_package, *stack_parameters(IN_FRONT)}, set(SETTINGS)
    assert named | settings | OF_ONE_RELEASE == set(template["Parameters"])
    assert not named & settings
    assert not OF_ONE_RELEASE & (named | settings)


def test_kept_memory_publishes_no_new_version_and_another_one_does():
    same = replace(PLAN, named={"MemorySize": "1024"})
    kept = replace(UNNAMED, previous={"MemorySize": "1024"})
    assert stack_parameters(kept)["ReleaseSha256"] == stack_parameters(same)["ReleaseSha256"]
    assert stack_parameters(kept)["ReleaseSha256"] != stack_parameters(PLAN)["ReleaseSha256"]


@pytest.mark.parametrize(
    ("previous", "operation"), [(None, "create_stack"), ({"Tags": []}, "update_stack")]
)
def test_stack_call_matches_botocores_model(previous, operation):
    call = stack_call(PLAN, previous)
    assert (call.service, call.operation) == ("cloudformation", operation)
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    assert not ParamValidator().validate(call.parameters, shape).has_errors()
    assert len(call.parameters["TemplateBody"].encode()) <= 51_200


def test_api_definition_has_only_the_routes_and_the_integration():
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    definition = api_definition(document)
    assert definition["openapi"].startswith("3.0."), "API Gateway does not support 3.1"
    routes = {(path, method) for path, methods in definition["paths"].items() for method in methods}
    assert routes == {
        ("/", "get"),
        ("/predict", "post"),
        ("/health", "get"),
        ("/openapi.json", "get"),
    }
    for methods in definition["paths"].values():
        for operation in methods.values():
            integration = operation["x-amazon-apigateway-integration"]
            assert integration["payloadFormatVersion"] == "2.0"
            assert "${FunctionAliaslive}" in integration["uri"]["Fn::Sub"]
    assert "schema" not in json.dumps(definition)


@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.served_by_lambda])
def test_stack_name_leaves_room_for_the_function_name(recipe):
    # CloudFormation names the function STACK-Function-XXXXXXXXXXXX, of at most 64 characters.
    assert len(lambda_stack_name("newsgroup-classifier", recipe)) + len("-Function-") + 12 <= 64
