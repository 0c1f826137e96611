"""The errors of TensorFlow Serving: a code with an HTTP status, and a message."""


class Status(Exception):
    """An error that becomes the response `{"error": text}`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text

    @property
    def http(self) -> int:
        """The HTTP status of the code."""
        return _HTTP.get(self.code, 500)

    def __str__(self) -> str:
        """Return the error as other errors quote it."""
        return f"{self.code}: {self.text}"


_HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


def invalid(text: str) -> Status:
    """Return the error for an invalid request."""
    return Status("INVALID_ARGUMENT", text)


def not_found(text: str) -> Status:
    """Return the error for a model or version that is not served."""
    return Status("NOT_FOUND", text)
