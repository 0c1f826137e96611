"""The body of a request as the client sent it, its items, and its size limit between containers."""

from typing import Any

from newsgroup_classifier.errors import PayloadTooLarge, RequestError
from newsgroup_classifier.text.request_bodies import type_name, wrong_keys

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
