"""Read and check the fields of a vocabulary file, which comes from an untrusted archive."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from newsgroup_classifier.errors import ArtifactError, counted
from newsgroup_classifier.text.terms import Terms

_MAX_TEXTS = 2**53  # integers up to this are exact in double precision
_SHOWN = 40  # characters of an invalid value in an error message
Fields = Mapping[str, Any]


def check_names(fields: Fields, expected: Sequence[str]) -> None:
    """Raise ArtifactError unless the fields are exactly the expected ones."""
    names = [name for name in fields if name != "kind"]
    if sorted(names) != sorted(expected):
        raise invalid(f"it has the fields {', '.join(names) or 'none'}", ", ".join(expected))


def integer(fields: Fields, name: str, lowest: int, highest: int) -> int:
    """Return a field that is an integer in a range."""
    value = fields[name]
    if type(value) is not int or not lowest <= value <= highest:
        raise invalid(f"{name} is {shown(value)}", f"an integer from {lowest} to {highest}")
    return value


def choice(fields: Fields, name: str, choices: Sequence[str]) -> str:
    """Return a field that is one of the choices."""
    value = fields[name]
    if type(value) is not str or value not in choices:
        raise invalid(f"{name} is {shown(value)}", " or ".join(choices))
    return value


def strings(fields: Fields, name: str) -> tuple[str, ...]:
    """Return a field that is a list of distinct strings that are valid Unicode and not empty."""
    value = fields[name]
    if type(value) is not list:
        raise invalid(f"{name} is {shown(value)}", "a list of strings")
    for index, item in enumerate(value):
        if type(item) is not str or not item:
            raise invalid(f"{name}[{index}] is {shown(item)}", "a string of one character or more")
        if not item.isascii() and any("\ud800" <= letter <= "\udfff" for letter in item):
            raise invalid(f"{name}[{index}] is {shown(item)}", "valid Unicode text")
    duplicates = [item for item, count in Counter(value).items() if count > 1]
    if duplicates:
        raise invalid(f"{name} has {shown(duplicates[0])} more than once", "distinct strings")
    return tuple(value)


def terms(fields: Fields, name: str, texts: int) -> Terms:
    """Return a field with the names of terms and the number of texts in which each occurs."""
    value = fields[name]
    if type(value) is not dict:
        raise invalid(f"{name} is {shown(value)}", "an object of names and frequencies")
    if sorted(value) != ["frequencies", "names"]:
        raise invalid(f"{name} has the fields {', '.join(value) or 'none'}", "names, frequencies")
    names, frequencies = strings(value, "names"), value["frequencies"]
    if type(frequencies) is not list or len(frequencies) != len(names):
        raise invalid(f"{name}.frequencies is {shown(frequencies)}", f"{len(names)} integers")
    for index, frequency in enumerate(frequencies):
        if type(frequency) is not int or not 1 <= frequency <= texts:
            raise invalid(
                f"{name}.frequencies[{index}] is {shown(frequency)}",
                f"an integer from 1 to the number of texts, {texts}",
            )
    return Terms(names, tuple(frequencies), texts)


def texts(fields: Fields) -> int:
    """Return the number of texts from which a vocabulary was learned."""
    return integer(fields, "texts", 1, _MAX_TEXTS)


def terms_field(terms: Terms) -> dict[str, Any]:
    """Return terms as a field of the file."""
    return {"names": list(terms.names), "frequencies": list(terms.frequencies)}


def invalid(actual: str, expected: str) -> ArtifactError:
    """Return the error for an invalid vocabulary file."""
    return ArtifactError(
        f"the vocabulary is invalid: {actual}; expected {expected}. Train the model again."
    )


def shown(value: object) -> str:
    """Return a value for an error message, shortened if it is long."""
    if isinstance(value, list):
        return f"a list of {counted(len(value), 'item')}"
    if isinstance(value, dict):
        return f"an object of {counted(len(value), 'field')}"
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
