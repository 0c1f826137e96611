"""Parameters, conditions and mappings of a template."""

import json
import threading

import pytest
from botocore.exceptions import ClientError

from local_aws.cloudformation.errors import StackError
from local_aws.cloudformation.parameters import check_declarations, read_texts, ref_values
from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import resource


def values_of(**parameters: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": text} for key, text in parameters.items()]


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ({"Type": "String", "AllowedValues": ["a", 1, True]}, "true"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "abc"),
        ({"Type": "String", "MinLength": "2", "MaxLength": 3}, "abc"),
        ({"Type": "Number", "MinValue": 0, "MaxValue": "10"}, "2.5e0"),
        ({"Type": "List<Number>"}, "1, -2,3.5"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,b"),
    ],
)
def test_value_that_satisfies_its_rules_is_accepted(rules, text):
    check_declarations({"P": rules})
    assert read_texts({"P": rules}, values_of(P=text), {}) == {"P": text}


@pytest.mark.observes("template-parameters")
@pytest.mark.parametrize(
    ("rules", "text", "reason"),
    [
        ({"Type": "String", "AllowedValues": ["a"]}, "b", "one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "abc1", r"must match pattern \[a-z\]"),
        ({"Type": "String", "MinLength": 2}, "a", "at least 2 characters"),
        ({"Type": "String", "MaxLength": 2}, "abc", "at most 2 characters"),
        ({"Type": "Number"}, "1_0", "must be a number"),
        ({"Type": "Number"}, "", "must be a number"),
        ({"Type": "Number", "MinValue": 3}, "2", "not less than 3"),
        ({"Type": "Number", "MaxValue": 3}, "3.1", "not greater than 3"),
        ({"Type": "List<Number>"}, "1,x", "must be a number"),
        ({"Type": "String", "AllowedPattern": "a", "ConstraintDescription": "be an a"}, "b",
         "Parameter 'P' must be an a"),
    ],
)  # fmt: skip
def test_value_that_violates_its_rules_is_refused(rules, text, reason):
    with pytest.raises(StackError, match=reason):
        read_texts({"P": rules}, values_of(P=text), {})


SLOW = "((a|aa)+)+$"  # takes exponential time for a run of a that ends in another letter


@pytest.mark.slow
def test_pattern_that_takes_exponential_time_is_stopped_and_refused():
    rules = {"Type": "String", "AllowedPattern": SLOW}
    with pytest.raises(StackError, match=r"AllowedPattern of parameter P: .* after 1 s, because"):
        read_texts({"P": rules}, values_of(P="a" * 100 + "!"), {})


def test_pattern_that_takes_exponential_time_does_not_stop_other_calls(account):
    template = {
        "Parameters": {"P": {"Type": "String", "AllowedPattern": SLOW}},
        "Resources": {"Bucket": resource("AWS::S3::Bucket")},
    }
    client, answers = account.aws.client("cloudformation"), []

    def create():
        with pytest.raises(ClientError) as caught:
            client.create_stack(
                StackName=unique("slow"),
                TemplateBody=json.dumps(template),
                Parameters=values_of(P="a" * 100 + "!"),
            )
        answers.append(str(caught.value))

    thread = threading.Thread(target=create)
    thread.start()
    calls = 0
    while thread.is_alive():
        client.list_stacks()
        calls += 1
    assert "AllowedPattern of parameter P" in answers[0]
    assert calls > 3, "other calls are answered while the pattern is matched"


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({}, "must contain a Type"),
        ({"Type": "AWS::EC2::VPC::Id"}, "does not reproduce the type AWS::EC2::VPC::Id"),
        ({"Type": "String", "Color": 1}, "Invalid template parameter property 'Color'"),
    ],
)
def test_invalid_parameter_declaration_is_refused(rules, reason):
    with pytest.raises(StackError, match=reason):
        check_declarations({"P": rules})


def test_ref_of_a_list_parameter_is_a_list():
    declarations = {"P": {"Type": "CommaDelimitedList"}, "Q": {"Type": "String"}}
    assert ref_values(declarations, {"P": "a, b", "Q": "a, b"}, str) == {
        "P": ["a", "b"],
        "Q": "a, b",
    }


@pytest.mark.slow
@pytest.mark.observes("template-parameters")
def test_value_of_the_parameter_store_is_read_at_each_use(stacks):
    name = unique("/parameter/of")
    ssm = stacks.account.aws.client("ssm")
    ssm.put_parameter(Name=name, Value="7", Type="String")
    sections = {
        "Parameters": {"Days": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}}
    }
    group = {"Group": resource("AWS::Logs::LogGroup", RetentionInDays={"Ref": "Days"})}
    stack = stacks.create(group, sections=sections)
    ssm.put_parameter(Name=name, Value="14", Type="String", Overwrite=True)
    stacks.update(stack, group, sections=sections)
    groups = stacks.account.logs.describe_log_groups(logGroupNamePrefix=stack)["logGroups"]
    assert groups[0]["retentionInDays"] == 14


SECTIONS = {
    "Parameters": {
        "Size": {"Type": "String", "Default": "small"},
        "Days": {"Type": "Number", "Default": 3},
        "Secret": {"Type": "String", "NoEcho": True},
    },
    "Mappings": {"Sizes": {"small": {"days": "1"}, "large": {"days": "30"}}},
    "Conditions": {"Large": {"Fn::Equals": [{"Ref": "Size"}, "large"]}},
    "Outputs": {
        "Extra": {"Condition": "Large", "Value": {"Ref": "Extra"}},
        "Days": {"Value": {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "days"]}},
    },
}
RESOURCES = {
    "Group": resource(
        "AWS::Logs::LogGroup",
        RetentionInDays={"Fn::If": ["Large", {"Ref": "Days"}, {"Ref": "AWS::NoValue"}]},
    ),
    "Extra": {**resource("AWS::Logs::LogGroup"), "Condition": "Large"},
}


@pytest.mark.observes("template-conditions", "template-parameters")
def test_conditions_add_and_remove_resources_and_previous_values_can_be_reused(stacks):
    name = stacks.create(RESOURCES, sections=SECTIONS, Parameters=values_of(Secret="s", Days="7"))
    assert stacks.physical(name).keys() == {"Group"}
    assert stacks.outputs(name) == {"Days": "1"}
    previous = [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Secret", "Days")]
    stacks.update(
        name, RESOURCES, sections=SECTIONS, Parameters=[*previous, *values_of(Size="large")]
    )
    assert stacks.physical(name).keys() == {"Group", "Extra"}
    assert stacks.outputs(name)["Days"] == "30"
    shown = {
        item["ParameterKey"]: item["ParameterValue"] for item in stacks.describe(name)["Parameters"]
    }
    assert shown == {"Size": "large", "Days": "7", "Secret": "****"}
    stacks.update(name, RESOURCES, sections=SECTIONS, Parameters=previous)
    assert stacks.physical(name).keys() == {"Group"}


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ([], r"Parameters: \[Secret\] must have values"),
        (values_of(Secret="s", Other="x"), r"Parameters: \[Other\] do not exist in the template"),
        ([{"ParameterKey": "Secret", "UsePreviousValue": True}], "usePreviousValue"),
    ],
)
def test_parameters_that_do_not_match_the_template_are_refused(stacks, parameters, reason):
    with pytest.raises(ClientError, match=reason):
        stacks.start(RESOURCES, sections=SECTIONS, Parameters=parameters)
