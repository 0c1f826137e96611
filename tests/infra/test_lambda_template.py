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


def translated(**changes: str) -> dict[str, Any]:
    """Return the template's resources as SAM translates them."""
    template = read_template((ROOT / "infra" / "lambda.yaml").read_text(encoding="utf-8"))
    plain = json.loads(json.dumps(template))
    resources: dict[str, Any] = transform(plain, PARAMETERS | changes, NoPolicies())["Resources"]
    return resources


def version_of(resources: dict[str, Any]) -> str:
    """Return the logical id of the published version, from the alias."""
    alias = resources["FunctionAliaslive"]["Properties"]["FunctionVersion"]
    return str(alias["Fn::GetAtt"][0])


def test_role_can_only_read_models_and_write_its_log_and_traces():
    (policy,) = translated()["FunctionRole"]["Properties"]["Policies"]
    allowed = {
        action: (statement["Effect"], json.dumps(statement["Resource"]))
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert set(allowed) == {
        "s3:GetObject",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
    assert "${CodeBucket}/${ModelPrefix}*" in allowed["s3:GetObject"][1]
    assert "FunctionLogs" in allowed["logs:PutLogEvents"][1]
    assert "ManagedPolicyArns" not in translated()["FunctionRole"]["Properties"]


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
