"""Properties of any form are held to AWS's schemas: they fit, or the fault is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.cloudformation import schemas
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.providers import PROVIDERS

KEYS = st.sampled_from(["X", "XX", "A-B", "Ref", "Variables", "Key", "Value", "Status", "Id", ""])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def faults(kind: str, properties: dict) -> str:
    """Return what is said of properties; nothing if they fit."""
    try:
        schemas.check(kind, "Mine", schemas.typed(kind, properties))
    except ResourceFailure as failure:
        return str(failure)
    return ""


@pytest.mark.parametrize("name", ["X", "A-B", ""])
def test_variable_of_a_name_that_lambda_does_not_take_is_named(name):
    function = {"Code": {}, "Role": "arn:aws:iam::123456789012:role/mine"}
    told = faults("AWS::Lambda::Function", {**function, "Environment": {"Variables": {name: "1"}}})
    assert f"#/Environment/Variables: extraneous key [{name}] is not permitted" in told


def test_tags_fit_or_are_named_where_the_pattern_is_in_javas_syntax():
    parameter = {"Type": "String", "Value": "1"}
    assert faults("AWS::SSM::Parameter", parameter | {"Tags": {"Größe 1": "a"}}) == ""
    told = faults("AWS::SSM::Parameter", parameter | {"Tags": {"a;b": "c"}})
    assert "#/Tags: extraneous key [a;b] is not permitted" in told
    tags = [{"Key": "a;b", "Value": "c"}]
    role = {"AssumeRolePolicyDocument": {}, "Tags": tags}
    assert "'a;b' does not match" in faults("AWS::IAM::Role", role)


@pytest.mark.parametrize("kind", sorted(PROVIDERS))
@given(data=st.data())
@settings(max_examples=40)
def test_properties_of_any_form_fit_or_are_refused(kind, data):
    names = sorted(schemas.schema_of(kind)["properties"])
    properties = data.draw(
        st.dictionaries(st.sampled_from([*names, "Colour"]), VALUES, max_size=4), "properties"
    )
    told = faults(kind, properties)
    assert ("Colour" in told) or "Colour" not in properties
