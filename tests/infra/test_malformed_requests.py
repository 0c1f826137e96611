"""Whatever JSON comes to the control plane's door, the answer is never an internal error."""

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

from botocore.model import Shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local_aws.api import OPERATIONS, service_model

_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
_DEPTH = 5
_WORDS = st.sampled_from(
    [
        "a-name",
        "s3://bucket/key",
        "arn:aws:iam::123456789012:role/some-role",
        "arn:aws:sagemaker:us-east-1:123456789012:model-package/a-name/1",
        "1/sagemaker-scikit-learn:1.9-0-cpu-py3",
    ]
)


def fitting(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values of roughly the form of a shape of the service model."""
    if depth > _DEPTH:
        return _ANY_JSON
    if shape.type_name == "structure":
        members = {
            name: nearly(member, depth + 1)
            for name, member in shape.members.items()
            if name in shape.required_members or depth < 2
        }
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if shape.type_name == "list":
        return st.lists(nearly(shape.member, depth + 1), max_size=2)
    if shape.type_name == "map":
        return st.dictionaries(st.text(max_size=5), nearly(shape.value, depth + 1), max_size=2)
    if shape.type_name == "string":
        return st.sampled_from(shape.enum) if shape.enum else _WORDS
    return {"boolean": st.booleans(), "timestamp": st.floats()}.get(
        shape.type_name, st.integers(0, 200)
    )


def nearly(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    """Return values that fit a shape most of the time."""
    return st.integers(0, 9).flatmap(lambda die: fitting(shape, depth) if die else _ANY_JSON)


def requests() -> st.SearchStrategy[tuple[str, Any]]:
    """Return operations with bodies that fit them, nearly fit them, or do not at all."""
    return st.sampled_from(sorted(OPERATIONS)).flatmap(
        lambda name: st.tuples(
            st.just(name), nearly(service_model().operation_model(name).input_shape, 0)
        )
    )


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(requests())
def test_control_plane_given_any_json_never_answers_an_internal_error(local_aws, request_):
    operation, body = request_
    headers = {"X-Amz-Target": f"SageMaker.{operation}"}
    request = urllib.request.Request(local_aws.url, json.dumps(body).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            status, text = answer.status, answer.read()
    except HTTPError as error:
        status, text = error.code, error.read()
    assert status in (200, 400), (operation, body, text)
    assert isinstance(json.loads(text), dict)
