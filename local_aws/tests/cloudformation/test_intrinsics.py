"""The values of intrinsic functions."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.cloudformation.intrinsics import Resolver
from local_aws.cloudformation.template import read_template
from local_aws.errors import ServiceError

VALUES = {"Name": "n", "Parts": ["a", "b"], "AWS::Region": "us-east-1"}
RESOLVER = Resolver(
    VALUES,
    mappings={"Sizes": {"small": {"memory": 128}}},
    conditions={
        "Yes": {"Fn::Equals": [{"Ref": "Name"}, "n"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
        "Either": {"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]},
        "Round": {"Condition": "Round"},
    },
    of_resource=lambda name, attribute: f"<{name}.{attribute}>" if attribute else f"<{name}>",
)
names = st.text("abcdefXYZ", min_size=1, max_size=5)
plain_values = st.recursive(
    st.booleans() | st.integers() | st.text("ab é-:#'\"{[*&!%@,.~", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.observes("template-functions")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "n"),
        ({"Ref": "Bucket"}, "<Bucket>"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "<Bucket.Arn>"),
        ({"Fn::GetAtt": "Bucket.A.B"}, "<Bucket.A.B>"),
        ({"Fn::Sub": "${Name}-${AWS::Region}-${Bucket}-${Bucket.Arn}"},
         "n-us-east-1-<Bucket>-<Bucket.Arn>"),
        ({"Fn::Sub": ["${Name}${Own}", {"Own": {"Ref": "Name"}}]}, "nn"),
        ({"Fn::Sub": "${!Name} $${Name} {Name}"}, "${Name} $n {Name}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, {"Ref": "AWS::NoValue"}, 1]]}, "a-n-1"),
        ({"Fn::Join": [",", {"Ref": "Parts"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Ref": "Parts"}]}, "b"),
        ({"Fn::Select": [0, {"Fn::Split": ["/", "x/y"]}]}, "x"),
        ({"Fn::If": ["Yes", "a", {"Ref": "Missing"}]}, "a"),
        ({"Fn::If": ["Both", "a", "b"]}, "b"),
        ({"Fn::If": ["Either", "a", "b"]}, "a"),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 128),
        ({"a": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, "b": 2}, {"b": 2}),
        ({"Fn::Base64": {"Ref": "Name"}}, base64.b64encode(b"n").decode()),
        ({"Condition": {"StringEquals": {"a": {"Ref": "Name"}}}},
         {"Condition": {"StringEquals": {"a": "n"}}}),
    ],
)  # fmt: skip
def test_function_has_the_expected_value(value, expected):
    assert RESOLVER.resolve(value) == expected


@pytest.mark.observes("not-stack-members")
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"Fn::Select": [2, {"Ref": "Parts"}]}, "nonexistent value at index 2"),
        ({"Fn::FindInMap": ["Sizes", "large", "memory"]}, "Sizes::large::memory"),
        ({"Fn::Join": ["-", "text"]}, "list of values"),
        ({"Fn::If": ["Unknown", 1, 2]}, "Condition Unknown is not defined"),
        ({"Fn::If": ["Round", 1, 2]}, "Circular dependency between conditions"),
        ({"Fn::Sub": ["x", "y", "z"]}, "Fn::Sub"),
        ({"Fn::Sub": "${Parts}"}, "expected a string, got list"),
        ({"Fn::GetAtt": ["Bucket"]}, "two non-empty parameters"),
        ({"Fn::ImportValue": "x"}, "No export named x found"),
        ({"Fn::Cidr": ["x", 1, 2]}, "does not reproduce Fn::Cidr"),
    ],
)
def test_function_with_wrong_arguments_is_refused_by_name(value, reason):
    with pytest.raises(ServiceError, match=reason):
        RESOLVER.resolve(value)


@given(plain_values)
def test_value_without_functions_does_not_change(value):
    assert RESOLVER.resolve(value) == value


@given(st.lists(st.text(max_size=5), min_size=1), st.text("|;", min_size=1, max_size=2))
def test_split_undoes_join(parts, delimiter):
    joined = RESOLVER.resolve({"Fn::Join": [delimiter, parts]})
    split = RESOLVER.resolve({"Fn::Split": [delimiter, joined]})
    assert split == joined.split(delimiter)
    if not any(letter in part for part in parts for letter in delimiter):
        assert split == parts


@given(st.text())
def test_sub_does_not_change_text_without_variables(text):
    if "${" not in text:
        assert RESOLVER.resolve({"Fn::Sub": text}) == text


@given(plain_values)
def test_template_reads_the_same_as_json_and_as_yaml(value):
    template = {"Metadata": {"value": value}}
    text = json.dumps(template, ensure_ascii=False)
    assert read_template(text) == template
    assert read_template("# YAML includes JSON, except for tabs\n" + text) == template


@pytest.mark.observes("template-forms")
def test_yaml_short_forms_are_read_as_the_long_forms():
    text = """
Resources:
  A:
    Type: AWS::Logs::LogGroup
    Properties:
      One: !Sub "${B}"
      Two: !GetAtt B.Arn
      Three: !If [C, !Ref B, !Ref "AWS::NoValue"]
      Version: 2012-10-17
      Quoted: "on"
"""
    properties = read_template(text)["Resources"]["A"]["Properties"]
    assert properties == {
        "One": {"Fn::Sub": "${B}"},
        "Two": {"Fn::GetAtt": ["B", "Arn"]},
        "Three": {"Fn::If": ["C", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]},
        "Version": "2012-10-17",
        "Quoted": "on",
    }
