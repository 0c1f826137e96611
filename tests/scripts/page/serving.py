"""Serve the playground in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK
from scripts.page.server import PlaygroundServer


@contextmanager
def served(url: str, region: str) -> Iterator[PlaygroundServer]:
    """Serve the playground of a region of a local AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        aws = Aws(region)
    with PlaygroundServer(0, aws, DEFAULT_STACK) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)  # ends at once
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
