"""Malformed requests to the control plane: valid ones with a fault, and arbitrary JSON."""

import copy
import json
from typing import Any

from botocore.model import Shape
from hypothesis import strategies as st
from moto.core.utils import get_service_model

from local_aws.sagemaker.control import OPERATIONS

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
_DEPTH = 5
NEW = "000new000"  # placeholder in names, replaced by a number drawn for each request
_WORDS = st.sampled_from(
    [
        "a-name",
        "s3://bucket/key",
        "arn:aws:iam::123456789012:role/some-role",
        "arn:aws:sagemaker:us-east-1:123456789012:model-package/a-name/1",
        "1/sagemaker-scikit-learn:1.9-0-cpu-py3",
    ]
)
# Values that few or no members accept; each replaces a value of a valid request.
_ODD = [
    *(None, True, "", [], {}, [None], {"": None}, 0, -1, 1.5, float("nan"), float("inf"), -0.0),
    *(2**31, 2**63, 10**400, 10**4000, -(10**400), 1e308, 1e39, 5e-324),
    *("\ud800", "a\ud800\udfff", "a\0b", "\N{SNOWMAN}" * 70, "x" * 100_000, "\u202e", "\r\n"),
    *("../../etc/passwd", "s3://", "s3:///key", "s3://\ud800/x", "arn:", "arn:aws:x", "-", "."),
]
_DEPTHS = (20, 300, 700, 850, 900, 930, 950, 960, 970, 980, 990, 5000, 100_000)


def nested(depth: int, opening: str) -> str:
    """Return JSON with nested lists or objects."""
    closing = {"[": "]", '{"a":': "}"}[opening]
    return opening * depth + "1" + closing * depth


class _Raw(str):
    """JSON text that goes into a body unchanged, since json.dumps cannot write such depths."""

    __slots__ = ()


ODD_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(_ODD),
    ANY_JSON,
    st.tuples(st.sampled_from(_DEPTHS), st.sampled_from(["[", '{"a":'])).map(
        lambda pair: _Raw(nested(*pair))
    ),
)


def fitting(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values that roughly match a shape of the service model."""
    if depth > _DEPTH:
        return ANY_JSON
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
    return st.integers(0, 9).flatmap(lambda die: fitting(shape, depth) if die else ANY_JSON)


def formed_requests() -> st.SearchStrategy[tuple[str, bytes]]:
    """Return operations with bodies that fit, nearly fit, or do not fit."""
    return st.sampled_from(sorted(OPERATIONS)).flatmap(
        lambda name: st.tuples(
            st.just(name),
            nearly(get_service_model("sagemaker").operation_model(name).input_shape, 0).map(
                lambda body: json.dumps(body).encode()
            ),
        )
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every member and item inside a request."""
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    paths = []
    for key, inner in children:
        paths += [(*path, key), *places(inner, (*path, key))]
    return paths


def _changed(request: dict[str, Any], path: tuple[Any, ...], change: str, odd: Any) -> bytes:
    """Return the body of a request with one change at a path."""
    request = copy.deepcopy(request)
    target: Any = request
    for key in path[:-1]:
        target = target[key]
    raw = {}
    value = odd
    if isinstance(odd, _Raw):
        raw["@raw@"] = str(odd)
        value = "@raw@"
    if change == "replace":
        target[path[-1]] = value
    elif change == "remove":
        del target[path[-1]]
    else:
        (target if isinstance(target, dict) else request)["Unknown"] = value
    body = json.dumps(request)
    for mark, text in raw.items():
        body = body.replace(json.dumps(mark), text)
    return body.encode()


def _named(request: tuple[str, bytes], number: int) -> tuple[str, bytes]:
    """Return a request with a number instead of the placeholder, so that its name is new."""
    return request[0], request[1].replace(NEW.encode(), b"%d" % number)


def mutated_requests(valid: dict[str, dict[str, Any]]) -> st.SearchStrategy[tuple[str, bytes]]:
    """Return operations with valid requests in which one thing is wrong."""
    return st.builds(_named, _mutated(valid), st.integers(0, 10**12))


def _mutated(valid: dict[str, dict[str, Any]]) -> st.SearchStrategy[tuple[str, bytes]]:
    changes = st.sampled_from(["replace"] * 4 + ["remove", "add"])
    return st.sampled_from(sorted(valid)).flatmap(
        lambda name: st.tuples(
            st.just(name),
            st.builds(
                _changed,
                st.just(valid[name]),
                st.sampled_from(places(valid[name]) or [("Unknown",)]),
                changes,
                ODD_VALUES,
            )
            if places(valid[name])
            else st.just(b'{"Unknown": 1}'),
        )
    )


BODIES = st.one_of(
    st.binary(max_size=60),
    st.tuples(st.sampled_from(_DEPTHS), st.sampled_from(["[", '{"a":'])).map(
        lambda pair: nested(*pair).encode()
    ),
    st.sampled_from([b"", b"null", b"[]", b"1" * 5000, b'{"a":1,"a":2}', b"\xef\xbb\xbf{}"]),
)


def raw_requests() -> st.SearchStrategy[tuple[str, bytes]]:
    """Return operations with bodies that are barely JSON."""
    return st.tuples(st.sampled_from(sorted(OPERATIONS)), BODIES)
