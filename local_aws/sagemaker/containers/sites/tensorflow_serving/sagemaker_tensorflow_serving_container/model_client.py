"""Post the output of a handler to the model server and return the response like `requests`."""

import io
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import falcon
import requests

from sagemaker_tensorflow_serving_container.settings import Settings
from sagemaker_tensorflow_serving_container.upstream import Upstream


class ModelClient:
    """A client of the container's model servers that keeps connections open.

    The real container calls requests.post, which opens a connection each time. Text and bytes take
    a shortcut here that needs a third of the time.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_old = settings.is_old
        self._upstreams = {port: Upstream([port]) for _, port in settings.ports()}
        self._session = requests.Session()
        self._session.trust_env = False  # use no proxy for 127.0.0.1

    def post(self, data: Any, context: Any) -> requests.Response:
        """Return the response; the newer container raises HTTPError unless its status is 200."""
        if isinstance(data, str | bytes):
            response = self._post_text(data, context.rest_uri)
        else:  # anything else that requests supports, such as files, forms, and generators
            timeout = None if self._is_old else context.timeout
            response = self._session.post(context.rest_uri, data=data, timeout=timeout)
        if response.status_code != 200 and not self._is_old:
            raise falcon.HTTPError(
                falcon.code_to_http_status(response.status_code),
                description=response.content.decode("utf-8", "replace"),
            )
        return response

    def _post_text(self, data: str | bytes, uri: str) -> requests.Response:
        parts = urlsplit(uri)
        body = data.encode() if isinstance(data, str) else data
        status, content = self._upstreams[parts.port or 0].request("POST", parts.path, body)
        response = requests.Response()
        response.status_code, response.reason = status, HTTPStatus(status).phrase
        response.url, response.encoding = uri, "utf-8"
        response.headers["Content-Type"] = "application/json"
        response.headers["Content-Length"] = str(len(content))
        response.raw = io.BytesIO(content)
        return response
