"""gunicorn on the port that SageMaker chooses, without the nginx in front of it."""

import os
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

MAX_CONNECTIONS = 1000  # of a worker, by gunicorn's default
_KEEP_ALIVE_SECONDS = 75  # nginx's; with less, a reused connection may close during a request


class Server(BaseApplication):
    """Runs a WSGI application that is already loaded in workers forked from this process."""

    def __init__(self, application: Callable[..., Any], port: int, **options: Any) -> None:
        self._application = application
        self._options = {
            "bind": f"127.0.0.1:{port}",
            "worker_class": os.environ.get("SAGEMAKER_GUNICORN_WORKER_CLASS", "gevent"),
            "keepalive": _KEEP_ALIVE_SECONDS,
            "control_socket_disable": True,
            **options,
        }
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Return the application."""
        return self._application
