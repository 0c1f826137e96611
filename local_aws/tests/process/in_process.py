"""A local AWS in the process of a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from local_aws.lifetime.emptying import SERVER
from local_aws.server import Application, bind, listen
from local_aws.settings import FunctionSettings, Settings


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """Serve from this process; return the port."""
    listener = bind(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    server = listen(Application(settings, FunctionSettings(), instance_cpus=1), listener)
    threading.Thread(target=server.serve_forever, name=SERVER, daemon=True).start()
    yield settings.port
    server.shutdown()
    server.server_close()
