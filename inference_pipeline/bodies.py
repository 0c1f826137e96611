"""The body of a request as the client sent it, and the size limit of a body between containers."""

from newsgroup_classifier.errors import PayloadTooLarge

MAX_BYTES = 5 * 1024 * 1024  # SageMaker passes no more from container to container


def raw_body(body: str | bytes) -> str | bytes:
    """Return the original bytes of a body that the scikit-learn container decoded.

    The container decodes JSON and CSV, and silently replaces bytes that are not UTF-8 by U+FFFD.
    """
    # The image has Flask. Imported here so that the stages load without it.
    from flask import has_request_context, request

    return request.get_data() if isinstance(body, str) and has_request_context() else body


def check_size(size: int, texts: int, advice: str = "Send fewer texts per request.") -> None:
    """Raise PayloadTooLarge if features of `size` bytes or more do not fit between containers."""
    if size > MAX_BYTES:
        raise PayloadTooLarge(
            f"the features of these {texts} texts take {size} bytes or more; at most {MAX_BYTES} "
            f"bytes pass between containers. {advice}"
        )
