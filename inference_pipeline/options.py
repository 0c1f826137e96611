"""Options of a request: what to return in addition to the label and probabilities of each text.

In JSON: {"instances": [...], "top": 3, "neighbors": 5, "explain": 4}. Only scikit-learn containers
support the first two.
"""

from dataclasses import dataclass, fields
from typing import Any

from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.text.request_bodies import read_count


@dataclass(frozen=True)
class RequestOptions:
    """The number of most likely labels, nearest posts, and words to return per text; 0: none.

    The words are those that speak most for and against the label.
    """

    top: int = 0
    neighbors: int = 0
    explain: int = 0


NO_OPTIONS = RequestOptions()
OPTION_NAMES = tuple(field.name for field in fields(RequestOptions))


def split_options(content: Any) -> tuple[Any, RequestOptions]:
    """Return parsed JSON without its options, and the options; raise RequestError for bad ones."""
    if not isinstance(content, dict) or "instances" not in content:
        return content, NO_OPTIONS
    options = {name: read_count(content[name], name) for name in OPTION_NAMES if name in content}
    rest = {name: value for name, value in content.items() if name not in options}
    return rest, RequestOptions(**options)


def refuse_options(options: RequestOptions, allowed: tuple[str, ...] = ()) -> None:
    """Raise RequestError if a request has options that its recipe does not support."""
    for name in OPTION_NAMES:
        if getattr(options, name) and name not in allowed:
            raise RequestError(
                f'"{name}" works with scikit-learn recipes only, and this is a TensorFlow recipe; '
                "leave it out"
            )
