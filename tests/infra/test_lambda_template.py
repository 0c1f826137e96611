"""infra/lambda.yaml restricts the function's role and publishes a version per release."""

import json
from typing import Any

import pytest
import yaml
from samtranslator.translator.transform import transform

from local_aws.cloudformation.template import read_template
from local_aws.testing import ROOT

TEMPLATES = sorted((ROOT / "infra").glob("*.yaml"))
PARAMETERS = {
    "CodeBucket": "bucket",
    "CodeKey": "lambda/code/a.zip",
    "ModelPrefix": "lambda/models/recipe/",
    "ModelFile": "b.npz",
    "ModelSha256": "0" * 64,
    "ReleaseSha256": "1" * 64,
    "DefinitionUri": "s3://bucket/lambda/api/c.json",
    "Recipe": "recipe",
}


@pytest.fixture(autouse=True)
def region(monkeypatch):
    """Set the region that SAM translates for."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


class NoPolicies:
    """SAM's table of managed policies, which the template does not use."""

    def load(self) -> dict[str, str]:
        """Return the table."""
        return {}


def translated(
    has_endpoint: bool = False,
    is_open: bool = True,
    is_guarded: bool = False,
    has_reservation: bool = True,
    **changes: str,
) -> dict[str, Any]:
    """Return the template's resources as SAM translates them, under its conditions."""
    template = read_template((ROOT / "infra" / "lambda.yaml").read_text(encoding="utf-8"))
    conditions = {
        "HasEndpoint": has_endpoint,
        "HasReservation": has_reservation,
        "IsOpen": is_open,
        "IsGuarded": is_guarded,
        "IsCanary": True,
        "HasShiftAlarm": False,
        "HasEmail": True,
    }
    changes["Guarded"] = str(is_guarded).lower()
    plain = chosen(json.loads(json.dumps(template)), conditions)
    resources: dict[str, Any] = transform(plain, PARAMETERS | changes, NoPolicies())["Resources"]
    return resources


def chosen(value: Any, conditions: dict[str, bool]) -> Any:
    """Return a part of a template with the branches of its conditions."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        return chosen(yes if conditions[condition] else no, conditions)
    if isinstance(value, dict):
        return {key: chosen(one, conditions) for key, one in value.items()}
    return [chosen(one, conditions) for one in value] if isinstance(value, list) else value


def version_of(resources: dict[str, Any]) -> str:
    """Return the logical id of the published version, from the alias."""
    alias = resources["FunctionAliaslive"]["Properties"]["FunctionVersion"]
    return str(alias["Fn::GetAtt"][0])


@pytest.mark.parametrize(
    ("has_endpoint", "action", "resource"),
    [
        (False, "s3:GetObject", "s3:::${CodeBucket}/${ModelPrefix}*"),
        (
            True,
            "sagemaker:InvokeEndpoint",
            "sagemaker:${AWS::Region}:${AWS::AccountId}:${EndpointResource}",
        ),
    ],
)
def test_role_can_only_reach_the_model_and_write_its_log_and_traces(has_endpoint, action, resource):
    role = translated(has_endpoint)["FunctionRole"]["Properties"]
    (policy,) = role["Policies"]
    allowed = {
        name: (statement["Effect"], json.dumps(statement["Resource"]))
        for statement in policy["PolicyDocument"]["Statement"]
        for name in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert set(allowed) == {
        action,
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
    assert allowed[action] == (
        "Allow",
        json.dumps({"Fn::Sub": f"arn:${{AWS::Partition}}:{resource}"}),
    )
    assert "FunctionLogs" in allowed["logs:PutLogEvents"][1]
    assert "ManagedPolicyArns" not in role


def test_function_reserves_calls_only_if_it_has_a_number_of_them():
    none = {"Ref": "AWS::NoValue"}
    for has_reservation, expected in ((True, {"Ref": "ReservedConcurrency"}), (False, none)):
        function = translated(has_reservation=has_reservation)["Function"]["Properties"]
        assert function["ReservedConcurrentExecutions"] == expected


def test_variables_lead_to_the_model_or_to_the_endpoint():
    for has_endpoint, handler, name in (
        (False, "lambda_handler.handler.handler", "MODEL_URI"),
        (True, "lambda_handler.endpoint.handler.handler", "ENDPOINT_NAME"),
    ):
        function = translated(has_endpoint)["Function"]["Properties"]
        variables = function["Environment"]["Variables"]
        none = {key for key, value in variables.items() if value == {"Ref": "AWS::NoValue"}}
        assert function["Handler"] == handler
        assert variables.keys() - none == {
            *("RECIPE", "MODEL_SHA256", "MODEL_PACKAGE", "PAGE", name)
        }


def test_page_of_a_protected_api_is_off():
    for is_open, page in ((True, {"Ref": "Page"}), (False, "off")):
        function = translated(is_open=is_open)["Function"]["Properties"]
        assert function["Environment"]["Variables"]["PAGE"] == page


def test_authorizer_that_cannot_be_created_fails_the_deployment():
    assert translated()["Api"]["Properties"]["FailOnWarnings"] is True


def test_only_a_new_release_publishes_a_version():
    before = translated()
    assert version_of(translated()) == version_of(before)
    after = translated(ReleaseSha256="2" * 64, ModelSha256="3" * 64)
    assert version_of(after) != version_of(before)
    assert version_of(after) in after


def test_only_this_api_can_invoke_the_function_and_only_its_alias():
    resources = translated()
    permissions = [
        resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::Permission"
    ]
    (permission,) = permissions
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["FunctionName"] == {"Ref": "FunctionAliaslive"}
    assert "${Api}/*" in permission["SourceArn"]["Fn::Sub"]


def test_logs_have_a_retention_and_alarms_treat_missing_data_as_healthy():
    kinds: dict[str, list[dict[str, Any]]] = {}
    for resource in translated().values():
        kinds.setdefault(resource["Type"], []).append(resource["Properties"])
    assert len(kinds["AWS::Logs::LogGroup"]) == 2
    assert all("RetentionInDays" in group for group in kinds["AWS::Logs::LogGroup"])
    metrics = {alarm["MetricName"] for alarm in kinds["AWS::CloudWatch::Alarm"]}
    assert metrics == {"Errors", "Throttles", "Duration", "5xx"}
    assert {alarm["TreatMissingData"] for alarm in kinds["AWS::CloudWatch::Alarm"]} == {
        "notBreaching"
    }
    actions = [alarm["AlarmActions"] for alarm in kinds["AWS::CloudWatch::Alarm"]]
    assert actions == [[{"Ref": "Topic"}]] * 4


def test_alarms_on_errors_and_duration_watch_the_alias_that_the_api_calls():
    resources = translated()
    alias = resources["FunctionAliaslive"]["Properties"]
    called = f"${{{alias['FunctionName']['Ref']}}}:{alias['Name']}"
    for name in ("ErrorsAlarm", "DurationAlarm"):
        dimensions = resources[name]["Properties"]["Dimensions"]
        assert {each["Name"]: each["Value"] for each in dimensions} == {
            "FunctionName": alias["FunctionName"],
            "Resource": {"Fn::Sub": called},
        }


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_skipped_check_has_a_reason(template):
    content = read_template(template.read_text(encoding="utf-8"))
    skipped = [
        skip
        for resource in content["Resources"].values()
        if isinstance(resource, dict)  # and not a loop
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert skipped
    for skip in skipped:
        assert skip["id"].startswith("CKV_")
        assert len(skip["comment"].split()) >= 8


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_template_has_no_yaml_aliases_which_cloudformation_does_not_support(template):
    tokens = yaml.scan(template.read_text(encoding="utf-8"))
    assert not [token for token in tokens if isinstance(token, yaml.AliasToken | yaml.AnchorToken)]


def test_guarded_release_shifts_the_alias_by_the_deployment_config_of_the_stack():
    plain, guarded = translated(), translated(is_guarded=True)
    assert "CodeDeployLambdaAliasUpdate" not in plain["FunctionAliaslive"].get("UpdatePolicy", {})
    policy = guarded["FunctionAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert policy["ApplicationName"] == {"Ref": "ServerlessDeploymentApplication"}
    (group,) = [
        each for each in guarded.values() if each["Type"] == "AWS::CodeDeploy::DeploymentGroup"
    ]
    assert group["Properties"]["DeploymentConfigName"] == {"Ref": "Shift"}
    alarms = [each["Name"] for each in group["Properties"]["AlarmConfiguration"]["Alarms"]]
    assert {"Ref": "ErrorsAlarm"} in alarms
