"""Read classify and regress requests, whose rows are examples: named features of a few types."""

from typing import Any

from local_model_server.json_parsing import parse, type_name, wrong_format
from local_model_server.json_requests import read_signature
from local_model_server.json_values import is_base64, to_array
from local_model_server.status import invalid

Features = dict[str, list[Any]]  # values of one type: bytes, floats, or integers
_KINDS = {bytes: "bytes", float: "float", int: "int64"}


def read_examples(body: bytes) -> tuple[str, list[Features]]:
    """Return the name of the signature ("" for the default) and the features of each example."""
    document = parse(body)
    signature = read_signature(document)
    context = _features(document.get("context", {}))
    if "examples" not in document:  # the real server names this method in regress requests too
        raise wrong_format(
            document, "When method is classify, key 'examples' is expected and was not found"
        )
    examples = document["examples"]
    if not isinstance(examples, list):
        raise wrong_format(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise wrong_format(document, "'examples' value is an empty array")
    return signature, [context | _features(example) for example in examples]


def _features(example: Any) -> Features:
    if not isinstance(example, dict):
        raise invalid(f"Example must be JSON object but got JSON {type_name(example)}")
    return {name: _values(name, value) for name, value in example.items()}


def _values(name: str, value: Any) -> list[Any]:
    values: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        values.append(_value(name, item))
        if type(values[-1]) is not type(values[0]):
            kind = _KINDS[type(values[0])]
            raise invalid(f"Unexpected element type in feature: {name} expecting type: {kind}")
    return values


def _value(name: str, value: Any) -> bytes | float | int:
    if isinstance(value, str) or is_base64(value):
        return bytes(to_array(value, "string").item())
    if value is None or isinstance(value, list | dict):
        raise invalid(f"Feature: {name} has element with unexpected JSON type: {type_name(value)}")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)  # RapidJSON stores integers of more than 64 bits as doubles
    if isinstance(value, int) and value >= 2**63:
        raise invalid(f"Feature: {name} has uint64_t element. Only int64_t is supported.")
    return int(value) if isinstance(value, bool) else value
