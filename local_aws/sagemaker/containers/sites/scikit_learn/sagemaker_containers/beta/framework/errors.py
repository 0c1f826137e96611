"""The errors of the framework."""


class ClientError(Exception):
    """Wraps any error that the user's functions raise."""


class ImportModuleError(ClientError):
    """The user's module cannot be imported."""


class ChannelDoesNotExistException(Exception):
    """A channel that the job does not have."""

    def __init__(self, channel_name: str) -> None:
        super().__init__(f"Channel {channel_name} is not a valid channel")


class UnsupportedFormatError(Exception):
    """A content type without a decoder or an encoder."""

    def __init__(self, content_type: str) -> None:
        self.message = f"Content type {content_type} is not supported by this framework."
        super().__init__(self.message)
