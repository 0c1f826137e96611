"""Checks of the content of a model file; each raises ModelError with the reason."""

from typing import Any

import numpy as np

from lambda_handler.errors import ModelError
from lambda_handler.npz import Members


def get_array(arrays: Members, name: str, kinds: str, dimensions: int) -> np.ndarray:
    """Return an array with one of numpy's kinds (u, i, f) and the number of dimensions."""
    if name not in arrays:
        raise ModelError(f"the model file lacks the array {name}")
    array = arrays[name]
    if array.dtype.kind not in kinds or array.ndim != dimensions:
        raise ModelError(
            f"the model file's {name} is {array.dtype} with {array.ndim} dimensions; expected "
            f"kind {' or '.join(kinds)} with {dimensions}"
        )
    return array


def get_number(manifest: dict[str, Any], name: str, lowest: float, highest: float) -> float:
    """Return a number of the manifest within bounds."""
    value = manifest.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"the model's manifest lacks the number {name}")
    if not lowest <= value <= highest:
        raise ModelError(f"the model's manifest has {name} {value}; expected {lowest} to {highest}")
    return value


def get_strings(manifest: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of at least one string of the manifest."""
    values = manifest.get(name)
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise ModelError(f"the model's manifest lacks the list of strings {name}")
    return tuple(values)


def decode_text(array: np.ndarray, name: str) -> str:
    """Return the text in an array of bytes."""
    try:
        return array.tobytes().decode()
    except UnicodeDecodeError:
        raise ModelError(f"the model file's {name} is not UTF-8 text") from None


def decode_lines(array: np.ndarray, name: str) -> list[str]:
    """Return the lines of the text in an array of bytes."""
    return decode_text(array, name).split("\n") if array.size else []


def check_range(array: np.ndarray, lowest: float, highest: float, name: str) -> None:
    """Raise ModelError unless all values of an array are numbers within bounds."""
    if array.size and not lowest <= array.min() <= array.max() <= highest:
        raise ModelError(f"the model file's {name} has values outside {lowest:g} to {highest:g}")


def check_length(length: int, expected: int, name: str) -> None:
    """Raise ModelError unless a length is the expected one."""
    if length != expected:
        raise ModelError(f"the model file's {name} has {length} entries; expected {expected}")
