"""The errors of the framework."""


class ClientError(Exception):
    """Wraps any error that the user's functions raise."""


class UnsupportedFormatError(Exception):
    """A content type without a decoder or an encoder."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"Content type {content_type} is not supported by this framework.")
