"""The body of a request as the client sent it, its items and options, and its size limit.

The options say what to return in addition to the label and probabilities of each text. In JSON:
{"instances": [...], "top": 3, "neighbors": 5, "explain": 4}. Only scikit-learn containers support
the first two.
"""

from dataclasses import dataclass, fields
from typing import Any

from newsgroup_classifier.errors import PayloadTooLarge, RequestError
from newsgroup_classifier.text.request_bodies import read_count, type_name, wrong_keys

MAX_BYTES = 5 * 1024 * 1024  # SageMaker passes no more from container to container
FEWER = "Send fewer texts per request."


def raw_body(body: str | bytes) -> str | bytes:
    """Return the original bytes of a body that the scikit-learn container decoded.

    The container decodes JSON and CSV, and silently replaces bytes that are not UTF-8 by U+FFFD.
    """
    # The image has Flask. Imported here so that the stages load without it.
    from flask import has_request_context, request

    return request.get_data() if isinstance(body, str) and has_request_context() else body


def check_size(size: int, texts: int, advice: str = FEWER) -> None:
    """Raise PayloadTooLarge if features of `size` bytes or more do not fit between containers."""
    if size > MAX_BYTES:
        raise PayloadTooLarge(
            f"the features of these {texts} texts take {size} bytes or more; at most {MAX_BYTES} "
            f"bytes pass between containers. {advice}"
        )


def read_instances(content: Any, items: str, options: tuple[str, ...] = ()) -> list[Any]:
    """Return the items of a bare list or of {"instances": [...]}; raise RequestError otherwise.

    `options` are the names of further keys that are allowed; the caller has removed them.
    """
    if isinstance(content, dict):
        if list(content) != ["instances"]:
            names = ", ".join(f'"{name}"' for name in options)
            more = f", and optionally any of {names}" if names else " alone"
            raise wrong_keys(content, f'"instances"{more}', ("instances", *options))
        content = content["instances"]
    if not isinstance(content, list):
        raise RequestError(
            f"the JSON is {type_name(content)}; expected a list of {items} or "
            '{"instances": [...]}'
        )
    return content


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
