"""Templates that AWS would refuse, or that are not templates, are refused at once."""

import json
import re

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import refusal, unique
from local_aws.tests.cloudformation.stacks import Stacks, resource

GROUP = resource("AWS::Logs::LogGroup")
ROLE = resource("AWS::IAM::Role", AssumeRolePolicyDocument={})


def template_refusal(stacks: Stacks, body: str, **options) -> tuple[str, str]:
    """Return the code and message that refuse a template; check that no stack exists."""
    request = {"StackName": unique("stack"), "TemplateBody": body, **options}
    code, message = refusal(stacks.client.create_stack, **request)
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe(request["StackName"])
    return code, message


@pytest.mark.observes("template-errors", "not-stack-types", "not-stack-members")
@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ({}, "At least one Resources member must be defined"),
        ({"Resources": {}}, "At least one Resources member must be defined"),
        ({"Resources": {"A": GROUP}, "Extra": 1}, r"Invalid template property or properties \[Ex"),
        ({"Resources": {"A": {}}}, "must contain a Type member"),
        ({"Resources": {"A-1": GROUP}}, "Resource name A-1 is non alphanumeric"),
        ({"Resources": {"A": {**GROUP, "Color": 1}}}, "Invalid template resource property 'Color'"),
        ({"Resources": {"A": {**GROUP, "UpdatePolicy": {}}}}, "does not reproduce UpdatePolicy"),
        ({"Resources": {"A": {**GROUP, "DeletionPolicy": "Snapshot"}}}, "'Snapshot'"),
        ({"Resources": {"A": resource("AWS::Nothing::Here")}},
         r"Unrecognized resource types: \[AWS::Nothing::Here\]"),
        ({"Resources": {"A": GROUP, "B": resource("AWS::SQS::Queue")}},
         r"does not reproduce the resource types \[AWS::SQS::Queue\]"),
        ({"Resources": {"A": resource("Custom::Mine")}}, r"does not reproduce .* \[Custom::Mine\]"),
        ({"Resources": {"A": resource("AWS::Logs::LogGroup", LogGroupName={"Ref": "B"})}},
         r"Unresolved resource dependencies \[B\] in the Resources block of the template"),
        ({"Resources": {"A": {**GROUP, "DependsOn": "C"}}},
         r"Unresolved resource dependencies \[C\] in the Resources block"),
        ({"Resources": {"A": GROUP}, "Outputs": {"O": {"Value": {"Fn::Sub": "${D.Arn}"}}}},
         r"Unresolved resource dependencies \[D\] in the Outputs block"),
        ({"Resources": {"A": {**GROUP, "DependsOn": "B"}, "B": {**GROUP, "DependsOn": "A"}}},
         r"Circular dependency between resources: \[A, B\]"),
        ({"Resources": {"A": GROUP}, "Outputs": {"O": {}}}, "must contain a Value object"),
        ({"Resources": {"A": GROUP}, "Outputs": {"O": {"Value": 1, "Export": {}}}}, "Export"),
        ({"Resources": {"A": GROUP}, "Outputs": {"O-1": {"Value": 1}}}, "Output name O-1 is non"),
        ({"Resources": {"A": GROUP}, "Hooks": {}}, "does not reproduce the section Hooks"),
        ({"Resources": {"A": GROUP}, "Transform": "Mine"}, "No transform named Mine found"),
        ({"Resources": {"A": GROUP}, "AWSTemplateFormatVersion": "2011-01-01"}, "2010-09-09"),
    ],
)  # fmt: skip
def test_invalid_template_is_refused_with_its_reason(stacks, template, reason):
    code, message = template_refusal(stacks, json.dumps(template))
    assert code == "ValidationError"
    assert re.search(reason, message), message


@pytest.mark.parametrize("body", ["{", "[1]", "a: [", "a: 1\na: 2", "null", "text", "\0"])
def test_text_that_is_not_a_template_is_refused(stacks, body):
    code, message = template_refusal(stacks, body)
    assert code == "ValidationError"
    assert "Template format error" in message or "template" in message.lower()


@pytest.mark.observes("template-forms")
def test_template_too_long_for_a_request_is_read_from_s3(stacks):
    template = json.dumps({"Description": "x" * 1000, "Resources": {"A": GROUP}})
    padded = template + " " * (51_201 - len(template))
    assert "51200" in template_refusal(stacks, padded)[1]
    stacks.account.upload("template.json", padded)
    url = f"https://{stacks.account.bucket}.s3.us-east-1.amazonaws.com/template.json"
    name = unique("stack")
    stacks.client.create_stack(StackName=name, TemplateURL=url)
    stacks.wait(name, "CREATE_COMPLETE")
    assert stacks.client.get_template(StackName=name)["TemplateBody"] is not None


@pytest.mark.observes("template-forms")
def test_template_with_a_yaml_alias_is_refused(stacks):
    body = "Resources:\n  A: &a {Type: 'AWS::Logs::LogGroup'}\n  B: *a\n"
    code, message = template_refusal(stacks, body)
    assert code == "ValidationError"
    assert "YAML aliases are not allowed" in message


@pytest.mark.observes("template-forms")
def test_template_in_s3_beyond_the_limit_is_refused(stacks):
    body = "Resources:\n  A: {Type: 'AWS::Logs::LogGroup'}\n" + "# more\n" * 200_000
    uri = stacks.account.upload("long.yaml", body.encode())
    url = f"https://s3.amazonaws.com/{uri.removeprefix('s3://')}"
    with pytest.raises(ClientError, match="more than 1048576 bytes"):
        stacks.client.create_stack(StackName=unique("stack"), TemplateURL=url)


@pytest.mark.parametrize("path", ["s3.amazonaws.com/{}/missing.json", "[{}/x", "nothing"])
def test_template_url_without_an_object_is_refused(stacks, path):
    url = f"https://{path.format(stacks.account.bucket)}"
    with pytest.raises(ClientError, match="S3 error"):
        stacks.client.create_stack(StackName=unique("stack"), TemplateURL=url)


@pytest.mark.observes("template-capabilities")
@pytest.mark.parametrize(
    ("role", "capabilities", "needed"),
    [
        (ROLE, [], "CAPABILITY_IAM"),
        (resource("AWS::IAM::Role", RoleName="named", AssumeRolePolicyDocument={}),
         ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ],
)  # fmt: skip
def test_template_with_a_role_needs_its_capability(stacks, role, capabilities, needed):
    body = json.dumps({"Resources": {"A": role}})
    code, message = template_refusal(stacks, body, Capabilities=capabilities)
    assert code == "InsufficientCapabilitiesException"
    assert message == f"Requires capabilities : [{needed}]"


@pytest.mark.observes("template-capabilities")
def test_template_with_a_macro_needs_its_capability(stacks):
    body = json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": GROUP}})
    code, message = template_refusal(stacks, body, Capabilities=["CAPABILITY_IAM"])
    assert (code, "CAPABILITY_AUTO_EXPAND" in message) == (
        "InsufficientCapabilitiesException",
        True,
    )


@pytest.mark.parametrize("name", ["1stack", "a_b", "a" * 129, "ä"])
def test_invalid_stack_name_is_refused(stacks, name):
    with pytest.raises(ClientError, match="ValidationError"):
        stacks.client.create_stack(
            StackName=name, TemplateBody=json.dumps({"Resources": {"A": GROUP}})
        )


@pytest.mark.observes("template-validation")
def test_validate_template_returns_the_parameters_and_capabilities(stacks):
    body = json.dumps(
        {
            "Description": "one role",
            "Parameters": {"P": {"Type": "String", "Default": "d", "NoEcho": True}},
            "Resources": {"A": ROLE},
        }
    )
    valid = stacks.client.validate_template(TemplateBody=body)
    assert valid["Capabilities"] == ["CAPABILITY_IAM"]
    assert valid["Description"] == "one role"
    assert valid["Parameters"] == [{"ParameterKey": "P", "DefaultValue": "d", "NoEcho": True}]
    summary = stacks.client.get_template_summary(TemplateBody=body)
    assert summary["ResourceTypes"] == ["AWS::IAM::Role"]
    assert summary["Parameters"][0]["ParameterType"] == "String"


@pytest.mark.observes("not-stack-types")
@pytest.mark.parametrize(
    "kind",
    [
        "AWS::ApiGatewayV2::Deployment",
        "AWS::SQS::Queue",
        "AWS::SageMaker::Endpoint",
        "AWS::SageMaker::EndpointConfig",
        "AWS::SageMaker::Model",
    ],
)
def test_validate_template_refuses_types_that_are_not_reproduced_by_name(stacks, kind):
    body = json.dumps({"Resources": {"A": GROUP, "B": resource(kind)}})
    with pytest.raises(ClientError, match=rf"does not reproduce the resource types \[{kind}\]"):
        stacks.client.validate_template(TemplateBody=body)


def test_type_that_is_not_reproduced_is_allowed_where_its_condition_is_false(stacks):
    name = stacks.create(
        {"A": GROUP, "B": {**resource("AWS::SQS::Queue"), "Condition": "Never"}},
        sections={"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}},
    )
    assert list(stacks.physical(name)) == ["A"]


@pytest.mark.observes("not-stack-members")
@pytest.mark.parametrize("operation", ["detect_stack_drift", "list_stack_sets"])
def test_operation_that_is_not_reproduced_is_refused_by_name(stacks, operation):
    parameters = {"StackName": "x"} if "drift" in operation else {}
    _, message = refusal(getattr(stacks.client, operation), **parameters)
    assert message.startswith("The local AWS does not reproduce the operation ")


def test_member_that_would_have_no_effect_is_refused_by_name(stacks):
    _, message = template_refusal(
        stacks, json.dumps({"Resources": {"A": GROUP}}), NotificationARNs=["arn:aws:sns:x:1:y"]
    )
    assert message == "The local AWS does not reproduce NotificationARNs of CreateStack."
