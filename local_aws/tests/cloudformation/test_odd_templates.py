"""Any template is resolved or refused with a message; nothing crashes."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from local_aws.cloudformation.desired_state import desired_state, lookup
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.parameters import describe, read_texts
from local_aws.cloudformation.records import Region, Stack, StackRequest
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
templates = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(["A", "B"]), resources | odd_values, max_size=2)},
    optional={
        "Parameters": st.dictionaries(
            st.just("P"), odd_values | st.just({"Type": "String", "Default": "p"}), max_size=1
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


@settings(max_examples=400)
@given(templates)
@example({"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Properties": TEXT}}})
@example({"Resources": {"A": {"Type": "AWS::Lambda::Alias", "UpdatePolicy": TEXT}}})
def test_template_of_any_form_is_resolved_or_refused(template):
    region = Region("us-east-1", Settings(state_dir=None))
    body = json.dumps(template)
    try:
        checked = checked_template(body)
        declarations = checked.get("Parameters", {})
        texts = read_texts(declarations, [], {})
        request = StackRequest(body, checked, texts, describe(declarations, texts), {}, [])
        desired = desired_state(region, Stack("stack", "id", ""), request)
        for logical_id in desired.order:
            desired.update_policy(logical_id, lookup({}))
            desired.properties(logical_id, lookup({}))
        desired.outputs(lookup({}))
    except (ServiceError, ResourceFailure) as refusal:
        assert str(refusal)
