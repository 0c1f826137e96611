"""Checks on what a model file holds; each raises ModelError with a plain reason."""

from typing import Any

import numpy as np

from lambda_handler.errors import ModelError
from lambda_handler.npz import Members


def take(arrays: Members, name: str, kinds: str, dimensions: int) -> np.ndarray:
    """Return an array of one of the kinds (numpy's letters: u, i, f) and so many dimensions."""
    if name not in arrays:
        raise ModelError(f"the model file has no array {name}")
    array = arrays[name]
    if array.dtype.kind not in kinds or array.ndim != dimensions:
        raise ModelError(
            f"the model file's {name} is {array.dtype} of {array.ndim} dimensions; expected "
            f"{dimensions} of kind {' or '.join(kinds)}"
        )
    return array


def within(array: np.ndarray, lowest: float, highest: float, name: str) -> None:
    """Demand that every number of an array is one, and within bounds."""
    if array.size and not lowest <= array.min() <= array.max() <= highest:
        raise ModelError(f"the model file's {name} has values beyond {lowest:g} to {highest:g}")


def number(manifest: dict[str, Any], name: str, lowest: float, highest: float) -> float:
    """Return a number of the manifest within bounds."""
    value = manifest.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"the model's manifest has no number {name}")
    if not lowest <= value <= highest:
        raise ModelError(f"the model's manifest has {name} {value}; expected {lowest} to {highest}")
    return value


def texts(manifest: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts of the manifest, one at least."""
    values = manifest.get(name)
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise ModelError(f"the model's manifest has no list of texts {name}")
    return tuple(values)


def decoded(array: np.ndarray, name: str) -> str:
    """Return the text that an array of bytes holds."""
    try:
        return array.tobytes().decode()
    except UnicodeDecodeError:
        raise ModelError(f"the model file's {name} is not UTF-8 text") from None


def split(array: np.ndarray, name: str) -> list[str]:
    """Return the texts that an array of bytes holds, one a line."""
    return decoded(array, name).split("\n") if array.size else []


def below(array: np.ndarray, limit: int, name: str) -> None:
    """Demand that every number of an array is below a limit and not below 0."""
    if array.size and (array.max() >= limit or array.min() < 0):
        raise ModelError(f"the model file's {name} points beyond {limit} places")


def same_length(found: int, expected: int, name: str) -> None:
    """Demand a length."""
    if found != expected:
        raise ModelError(f"the model file's {name} has {found} entries; expected {expected}")
