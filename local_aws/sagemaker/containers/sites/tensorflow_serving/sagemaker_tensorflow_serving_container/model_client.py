"""Post the output of a handler to the model server."""

from typing import Any

import falcon
import requests
from requests.adapters import HTTPAdapter

from sagemaker_tensorflow_serving_container.gunicorn_server import MAX_CONNECTIONS
from sagemaker_tensorflow_serving_container.settings import Settings


class ModelClient:
    """A client of the container's model servers that keeps connections open."""

    def __init__(self, settings: Settings) -> None:
        self._is_old = settings.is_old
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))
        self._session.trust_env = False  # use no proxy for 127.0.0.1

    def post(self, data: Any, context: Any) -> requests.Response:
        """Return the response; the newer container raises HTTPError unless its status is 200."""
        timeout = None if self._is_old else context.timeout
        response = self._session.post(context.rest_uri, data=data, timeout=timeout)
        if response.status_code != 200 and not self._is_old:
            raise falcon.HTTPError(
                falcon.code_to_http_status(response.status_code),
                description=response.content.decode("utf-8", "replace"),
            )
        return response
