"""Any template is resolved or refused with a message; nothing crashes."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from local_aws.cloudformation.describing import summarize_template, validate_template
from local_aws.cloudformation.desired_state import desired_state, lookup
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.macros import expand
from local_aws.cloudformation.parameters import describe, read_texts, ref_values
from local_aws.cloudformation.records import Region, StackRequest
from local_aws.cloudformation.requests import checked_template
from local_aws.errors import ServiceError
from local_aws.settings import Settings

FUNCTIONS = [
    "Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::If",
    "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Fn::FindInMap", "Fn::Base64", "Fn::ImportValue",
    "Fn::Nothing",
]  # fmt: skip
words = st.sampled_from(["A", "B", "P", "C", "A.Arn", "${A}", "${B.Arn}", "AWS::Region", "x", ""])
odd_values = st.recursive(
    words | st.none() | st.booleans() | st.integers(-2, 3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FUNCTIONS), inner, min_size=1, max_size=1)
        | st.dictionaries(words, inner, max_size=2)
    ),
    max_leaves=8,
)
SECTIONS = [
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "DeletionPolicy",
    "Metadata",
    "UpdatePolicy",
]
resources = st.dictionaries(st.sampled_from(SECTIONS), odd_values, max_size=4).map(
    lambda members: {"Type": "AWS::Logs::LogGroup", **members}
)
PARAMETER = {"Type": "String", "Default": "p"}
RULES = ["Type", "Default", "AllowedValues", "MinLength", "MaxValue", "AllowedPattern", "NoEcho"]
parameters = st.dictionaries(st.sampled_from(RULES), odd_values, max_size=3).map(
    lambda rules: {**PARAMETER, **rules}
)
templates = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(["A", "B"]), resources | odd_values, max_size=2)},
    optional={
        "Parameters": st.dictionaries(
            st.just("P"), odd_values | parameters | st.just(PARAMETER), max_size=1
        ),
        "Conditions": st.dictionaries(st.sampled_from(["C", "D"]), odd_values, max_size=2),
        "Mappings": odd_values,
        "Outputs": st.dictionaries(
            st.just("O"), odd_values | st.fixed_dictionaries({"Value": odd_values}), max_size=1
        ),
        "Metadata": odd_values,
    },
)


TEXT = {"Fn::Base64": "A"}  # where a map belongs
TAGS = {"team": "blue"}  # of the stack, which its resources inherit
LOG_GROUP = {"A": {"Type": "AWS::Logs::LogGroup"}}


@pytest.mark.slow
@settings(max_examples=400)
@given(templates)
@example({"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Properties": TEXT}}})
@example({"Resources": {"A": {"Type": "AWS::Lambda::Alias", "UpdatePolicy": TEXT}}})
@example({"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Properties": {"Tags": TAGS}}}})
@example({"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Properties": {"Tags": ["a"]}}}})
@example({"Resources": {"A": {"Type": "AWS::SSM::Parameter", "Properties": {"Tags": ["a"]}}}})
@example({"Resources": LOG_GROUP, "Transform": 5})
@example({"Resources": LOG_GROUP, "Transform": [5]})
@example({"Resources": LOG_GROUP, "Parameters": {"P": PARAMETER | {"MinLength": "many"}}})
@example({"Resources": LOG_GROUP, "Parameters": {"P": PARAMETER | {"AllowedValues": 5}}})
@example({"Fn::Transform": {"Name": "AWS::Include", "Parameters": []}, "Parameters": []})
@example({"Fn::Transform": {"Name": "AWS::Include", "Parameters": []}})
def test_template_of_any_form_is_resolved_or_refused(template):
    region = Region("us-east-1", Settings(state_dir=None))
    body = json.dumps(template)
    for describe_template in (validate_template, summarize_template):
        try:
            assert describe_template(region, {"TemplateBody": body})
        except ServiceError as refusal:
            assert str(refusal)
    try:
        checked = checked_template(body)
        declarations = checked.get("Parameters", {})
        texts = read_texts(declarations, [], {})
        values = {"AWS::Region": "us-east-1", **ref_values(declarations, texts, str)}
        expanded = expand(checked, values, lambda uri: uri, True)
        request = StackRequest(body, expanded, texts, values, TAGS, [])
        assert len(describe(request)) == len(texts)
        desired = desired_state(region, request)
        for logical_id in desired.order:
            desired.section("UpdatePolicy", logical_id, lookup({}))
            desired.properties(logical_id, lookup({}))
        desired.outputs(lookup({}))
    except (ServiceError, ResourceFailure) as refusal:
        assert str(refusal)
