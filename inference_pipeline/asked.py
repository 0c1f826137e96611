"""What a request asks for beside the label and the probabilities of each text.

In JSON: {"instances": [...], "top": 3, "neighbors": 5}. The scikit-learn containers answer it.
"""

from dataclasses import dataclass, fields
from typing import Any

from inference_pipeline.json_bodies import name_of
from newsgroup_classifier.errors import RequestError

_MOST = 2**31 - 1  # what the format between the containers has room for


@dataclass(frozen=True)
class Asked:
    """How many of the likeliest labels and of the nearest posts a text gets; 0: not asked for."""

    top: int = 0
    neighbors: int = 0


NOTHING = Asked()
NAMES = tuple(field.name for field in fields(Asked))


def asked_in(content: Any) -> tuple[Any, Asked]:
    """Return parsed JSON without what it asks for, and that; raise RequestError if it is wrong."""
    if not isinstance(content, dict) or "instances" not in content:
        return content, NOTHING
    rest = {name: value for name, value in content.items() if name not in NAMES}
    return rest, Asked(**{name: _count(content, name) for name in NAMES if name in content})


def _count(content: dict[str, Any], name: str) -> int:
    value = content[name]
    if type(value) is not int:
        raise RequestError(f'"{name}" is {name_of(value)}; expected a whole number from 1')
    if not 1 <= value <= _MOST:
        raise RequestError(f'"{name}" is {value}; expected a whole number from 1')
    return value


def refuse_asked(asked: Asked) -> None:
    """Raise RequestError if anything was asked for, where nothing can be."""
    for name in NAMES:
        if getattr(asked, name):
            raise RequestError(
                f'"{name}" is answered by recipes of scikit-learn alone, and this one is of '
                "TensorFlow; leave it out"
            )
