"""The errors of TensorFlow Serving: a code with an HTTP status, and a message."""

_HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}


class Status(Exception):
    """An error that becomes the response `{"error": text}`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.text, self.http = text, _HTTP.get(code, 500)


def invalid(text: str) -> Status:
    """Return the error for an invalid request."""
    return Status("INVALID_ARGUMENT", text)


def not_found(text: str) -> Status:
    """Return the error for a model or version that is not served."""
    return Status("NOT_FOUND", text)
