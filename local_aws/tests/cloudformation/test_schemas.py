"""Properties of any form are checked against AWS's schemas, and every fault is named."""

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
    """Return the faults of properties; an empty text without any."""
    try:
        schemas.check(kind, "Mine", schemas.typed(kind, properties))
    except ResourceFailure as failure:
        return str(failure)
    return ""


@pytest.mark.parametrize("name", ["X", "A-B", ""])
def test_environment_variable_with_an_invalid_name_is_refused_by_name(name):
    function = {"Code": {}, "Role": "arn:aws:iam::123456789012:role/mine"}
    environment = {"Variables": {name: "1"}}
    message = faults("AWS::Lambda::Function", {**function, "Environment": environment})
    assert f"#/Environment/Variables: {name!r} does not match any of the regexes" in message


def test_pattern_in_javas_syntax_is_checked():
    def role(key: str):
        return {"AssumeRolePolicyDocument": {}, "Tags": [{"Key": key, "Value": "a"}]}

    assert faults("AWS::IAM::Role", role("Größe 1")) == ""
    assert "'a;b' does not match" in faults("AWS::IAM::Role", role("a;b"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(PROVIDERS))
@given(data=st.data())
@settings(max_examples=40)
def test_properties_of_any_form_are_valid_or_refused(kind, data):
    names = sorted(schemas.schema_of(kind)["properties"])
    properties = data.draw(
        st.dictionaries(st.sampled_from([*names, "Color"]), VALUES, max_size=4), "properties"
    )
    message = faults(kind, properties)
    assert "Color" in message or "Color" not in properties
