"""Loops of AWS::LanguageExtensions repeat a fragment for each item of a collection."""

import json

import pytest

from local_aws.cloudformation.errors import StackError
from local_aws.cloudformation.macros import LANGUAGE_EXTENSIONS, unroll
from local_aws.errors import ServiceError
from local_aws.tests.account import refusal, unique
from local_aws.tests.cloudformation.stacks import CAPABILITIES, resource

NAMES = ["a-b", "c"]


def loop(collection, fragment):
    return {"Fn::ForEach::Loop": ["Name", collection, fragment]}


def expanded(section, values=None):
    return unroll({"Resources": section}, values or {})["Resources"]


def group(name):
    """Return a resource that has the item of a loop at every kind of place."""
    return {
        "Type": "T",
        "Properties": {
            "Text": {"Fn::Sub": f"x-{name}-${{Bucket.Arn}}"},
            "Reference": name,
            "Attribute": {"Fn::GetAtt": ["Role" + name.replace("-", ""), "Arn"]},
        },
    }


def test_loop_replaces_the_identifier_in_keys_values_and_references():
    fragment = group("${Name}")
    fragment["Properties"]["Reference"] = {"Ref": "Name"}
    fragment["Properties"]["Attribute"] = {"Fn::GetAtt": [{"Fn::Sub": "Role&{Name}"}, "Arn"]}
    found = expanded(loop(NAMES, {"Role&{Name}": fragment}))
    assert found == {"Roleab": group("a-b"), "Rolec": group("c")}


def test_collection_is_a_parameter_and_loops_can_be_nested():
    inner = {"Fn::ForEach::Inner": ["Kind", ["X", "Y"], {"${Name}${Kind}": {"Type": "T"}}]}
    found = expanded(loop({"Ref": "Names"}, inner), {"Names": ["a", "b"]})
    assert set(found) == {"aX", "aY", "bX", "bY"}


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        (loop(["a", "a"], {"${Name}": {}}), "makes a twice"),
        (loop({"Ref": "Missing"}, {"${Name}": {}}), "is not a list of strings"),
        (loop([1], {"${Name}": {}}), "is not a list of strings"),
        ({"Fn::ForEach::Loop": ["Name", ["a"]]}, "is not a list of an identifier, a collection"),
        ({"Fn::ForEach::Loop": {}}, "is not a list of an identifier, a collection"),
    ],
)
def test_invalid_loop_is_refused(section, reason):
    with pytest.raises(StackError) as caught:
        expanded(section)
    assert str(caught.value).startswith(f"Transform {LANGUAGE_EXTENSIONS} failed with: ")
    assert reason in str(caught.value)


def test_other_functions_of_the_transform_are_refused_by_name():
    with pytest.raises(ServiceError, match="does not reproduce Fn::Length"):
        expanded({"A": {"Type": "T", "Properties": {"N": {"Fn::Length": []}}}})


def test_stack_has_the_resources_and_outputs_of_loops(account):
    client = account.aws.client("cloudformation")
    name, arn = unique("loops"), {"Fn::GetAtt": [{"Fn::Sub": "Group&{Name}"}, "Arn"]}
    template = {
        "Transform": LANGUAGE_EXTENSIONS,
        "Parameters": {"Names": {"Type": "CommaDelimitedList"}},
        "Resources": loop({"Ref": "Names"}, {"Group&{Name}": resource("AWS::Logs::LogGroup")}),
        "Outputs": loop({"Ref": "Names"}, {"Arn&{Name}": {"Value": arn}}),
    }
    names = [{"ParameterKey": "Names", "ParameterValue": ",".join(NAMES)}]
    request = {"StackName": name, "TemplateBody": json.dumps(template), "Parameters": names}
    code, _ = refusal(client.create_stack, **request)
    assert code == "InsufficientCapabilitiesException"
    client.create_stack(**request, Capabilities=CAPABILITIES)
    waiter = client.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    assert {item["OutputKey"] for item in stack["Outputs"]} == {"Arnab", "Arnc"}
    resources = client.list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert {item["LogicalResourceId"] for item in resources} == {"Groupab", "Groupc"}


def test_loop_without_its_transform_is_refused(account):
    client = account.aws.client("cloudformation")
    template = {"Resources": loop(["a"], {"${Name}": resource("AWS::Logs::LogGroup")})}
    code, _ = refusal(
        client.create_stack, StackName=unique("loops"), TemplateBody=json.dumps(template)
    )
    assert code == "ValidationError"
