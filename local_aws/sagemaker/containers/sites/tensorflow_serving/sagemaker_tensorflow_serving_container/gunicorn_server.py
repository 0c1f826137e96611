"""gunicorn on the port that SageMaker names: nginx, which would stand before it, is not here."""

import os
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

_NGINX_KEEPS = 75  # seconds; shorter, and a kept connection may close under a request


class Server(BaseApplication):
    """Runs one WSGI application that is already loaded, in workers forked from this process."""

    def __init__(self, application: Callable[..., Any], options: dict[str, Any]) -> None:
        self._application, self._options = application, options
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Return the application."""
        return self._application


def options(port: int, workers: int = 1) -> dict[str, Any]:
    """Return what both servers have in common."""
    return {
        "bind": f"127.0.0.1:{port}",
        "worker_class": os.environ.get("SAGEMAKER_GUNICORN_WORKER_CLASS", "gevent"),
        "workers": workers,
        "keepalive": _NGINX_KEEPS,
        "control_socket_disable": True,
    }
