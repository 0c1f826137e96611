"""The ports of a serving container; the local AWS starts the server itself."""


def next_safe_port(port_range: str, after: str | None = None) -> str:
    """Return the port after another one, or the first; raise ValueError past the end of a range."""
    first, last = (int(port) for port in port_range.split("-")[:2])
    port = first if after is None else int(after) + 1
    if not first <= port <= last:
        raise ValueError(
            f"{port} is outside of the acceptable port range for SageMaker: {port_range}"
        )
    return str(port)
