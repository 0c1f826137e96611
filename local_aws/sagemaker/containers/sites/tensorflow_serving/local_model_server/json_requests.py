"""Parse the body of a predict request, `instances` (rows) or `inputs` (columns), into arrays."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from local_model_server.json_parsing import parse, quote, wrong_format
from local_model_server.json_values import fast_array, is_base64, to_array
from local_model_server.status import Status, invalid

Arrays = dict[str, Any]
_STRING = re.compile(rb'"[ \t\r\n]*[],}]')  # the end of a string that is a value, not a name


@dataclass(frozen=True)
class PredictRequest:
    """A predict request: its signature ("" for the default), its inputs, and the output format."""

    signature: str
    arrays: Arrays
    in_rows: bool


@dataclass(frozen=True)
class _Reader:
    """Reads the arrays of a signature's inputs."""

    inputs: Mapping[str, str]  # the name and the TensorFlow type of each input
    has_only_numbers: bool  # NumPy would convert booleans, and pad all values to a long string

    def array(self, value: Any, name: str) -> Any:
        array = fast_array(value, self.inputs[name]) if self.has_only_numbers else None
        return to_array(value, self.inputs[name]) if array is None else array

    def rows(self, instances: list[Any]) -> Arrays:
        arrays = self._fast_rows(instances)
        if arrays is not None:
            return arrays
        if not isinstance(instances[0], dict) and len(self.inputs) > 1:
            raise invalid(
                "instances is a plain list, but expecting list of objects as multiple input "
                "tensors required as per tensorinfo_map"
            )
        named = _is_named(instances[0])
        columns: dict[str, list[Any]] = {}
        for number, item in enumerate(instances):
            if _is_named(item) != named:
                kinds = ("object but got list", "value/list but got object")
                raise invalid(f"Expecting {kinds[not named]} at item {number} of input list")
            if named:
                self._add_named(item, number, columns)
            else:
                self._add(item, next(iter(self.inputs)), columns, f"{number}")
        return {name: np.stack(items) for name, items in columns.items()}

    def _fast_rows(self, instances: list[Any]) -> Arrays | None:
        """Read whole columns at once; return None if any value needs a closer look."""
        if not self.has_only_numbers:
            return None
        if not isinstance(instances[0], dict):
            if len(self.inputs) > 1:
                return None
            columns = {next(iter(self.inputs)): instances}
        elif all(
            isinstance(item, dict) and item.keys() == self.inputs.keys() for item in instances
        ):
            columns = {name: [item[name] for item in instances] for name in self.inputs}
        else:
            return None
        arrays = {name: fast_array(column, self.inputs[name]) for name, column in columns.items()}
        return None if any(array is None for array in arrays.values()) else arrays

    def _add_named(self, item: dict[str, Any], number: int, columns: dict[str, list[Any]]) -> None:
        for name, value in item.items():
            self._add(value, name, columns, f"{number} key: {name}")
        if item.keys() != self.inputs.keys():
            raise invalid(
                f"Failed to process element: {number} of 'instances' list. JSON object: "
                f"{quote(item)} keys must be equal to: {','.join(sorted(self.inputs))}"
            )

    def _add(self, value: Any, name: str, columns: dict[str, list[Any]], where: str) -> None:
        try:
            if name not in self.inputs:
                raise invalid(f"JSON object: does not have named input: {name}")
            array = to_array(value, self.inputs[name])
            items = columns.setdefault(name, [])
            if items and items[0].size != array.size:
                raise invalid(f"Expecting tensor size: {items[0].size} but got: {array.size}")
            if items and items[0].shape != array.shape:
                before = shape_text(items[0])
                raise invalid(f"Expecting shape {before} but got: {shape_text(array)}")
            items.append(array)
        except Status as error:
            raise invalid(
                f"Failed to process element: {where} of 'instances' list. Error: {error}"
            ) from error

    def columns(self, value: Any) -> Arrays:
        if not isinstance(value, dict) or is_base64(value):
            if len(self.inputs) > 1:
                raise invalid(
                    "inputs is a plain value/list, but expecting an object as multiple input "
                    "tensors required as per tensorinfo_map"
                )
            value = dict.fromkeys(self.inputs, value)
        for name in self.inputs:
            if name not in value:
                raise invalid(f"Missing named input: {name} in 'inputs' object.")
        return {name: self.array(value[name], name) for name in self.inputs}


def read_signature(document: dict[str, Any]) -> str:
    """Return the name of a request's signature, or "" for the default."""
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise wrong_format(
            document, "not formatted correctly. 'signature_name' key must be a string value."
        )
    return signature


def read_request(body: bytes, inputs_of: Callable[[str], Mapping[str, str]]) -> PredictRequest:
    """Parse a predict request; `inputs_of` returns a signature's inputs or raises Status."""
    document = parse(body)
    signature = read_signature(document)
    inputs = inputs_of(signature)
    if not inputs:
        raise invalid(f"Failed to get input map for signature: {signature or 'DEFAULT'}")
    strings = len(_STRING.findall(body)) - ("signature_name" in document)
    reader = _Reader(inputs, not (strings or b"true" in body or b"false" in body))
    if "instances" in document and "inputs" in document:
        raise wrong_format(
            document,
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
        )
    if "inputs" in document:
        return PredictRequest(signature, reader.columns(document["inputs"]), in_rows=False)
    if "instances" not in document:
        raise invalid("Missing 'inputs' or 'instances' key")
    instances = document["instances"]
    if not isinstance(instances, list):
        raise wrong_format(document, "Expecting 'instances' to be an list/array")
    if not instances:
        raise wrong_format(document, "No values in 'instances' array")
    return PredictRequest(signature, reader.rows(instances), in_rows=True)


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and not is_base64(item)


def shape_text(array: Any) -> str:
    """Return the shape of an array as errors quote it."""
    return f"[{','.join(map(str, array.shape))}]"
