"""Read classify and regress requests, whose rows are examples: named features of a few types."""

from typing import Any

from local_model_server.json_parsing import parse, quote, wrong_format
from local_model_server.json_requests import read_signature
from local_model_server.json_values import is_base64, to_array
from local_model_server.status import invalid

Features = dict[str, list[Any]]  # values of one type: bytes, floats, or integers


def read_examples(body: bytes, method: str) -> tuple[str, list[Features]]:
    """Return the name of the signature ("" for the default) and the features of each example."""
    document = parse(body)
    signature = read_signature(document)
    if "examples" not in document:
        raise invalid(f"When method is {method}, key 'examples' is expected and was not found.")
    examples = document["examples"]
    if not isinstance(examples, list):
        raise wrong_format(document, "Example list is not an array")
    if not examples:
        raise invalid("Input is empty.")
    context = _features(document.get("context", {}))
    return signature, [context | _features(example) for example in examples]


def _features(example: Any) -> Features:
    if not isinstance(example, dict):
        raise invalid(f"Example: {quote(example)} is not a JSON object")
    return {name: _values(name, value) for name, value in example.items()}


def _values(name: str, value: Any) -> list[Any]:
    values = [_value(name, item) for item in (value if isinstance(value, list) else [value])]
    for item in values:
        if type(item) is not type(values[0]):
            kind = {bytes: "BYTES", float: "FLOAT", int: "INT64"}[type(values[0])]
            raise invalid(f"Unexpected element type in feature: {name} expecting type: {kind}")
    return values


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str) or is_base64(value):
        return to_array(value, "string").item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    raise invalid(f"Feature: {name} has a value that no feature can have: {quote(value)}")
