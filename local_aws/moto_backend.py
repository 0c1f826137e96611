"""The services that moto provides: S3, IAM, and all others that are not our own.

moto raises an exception if it lacks an operation or cannot handle an unusual request, and sends a
web page if it has no route. Both become 501 NotImplemented, which clients do not retry: in XML for
S3 and services that accept forms, in JSON for all others.

moto is made for short tests. It keeps every model that it ever created, even a deleted object with
its content, every line of every log, and every past state of an alarm. Here, all of them are
limited (see bound_memory), and so are the sessions of roles (see permissions).
"""

import json
import logging
import re
from collections.abc import Callable, Iterable
from functools import partialmethod
from typing import Any
from xml.sax.saxutils import escape

from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.core.base_backend import BackendDict
from moto.core.common_models import BaseModel
from moto.core.config import default_user_config
from moto.core.request import Request
from moto.logs.models import LogStream
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.exceptions import InvalidBucketName
from moto.s3.models import S3Backend
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from local_aws.errors import local_fault
from local_aws.monitoring import log_searches
from local_aws.monitoring.metrics import MAX_DATA, RECORDER, record_embedded
from local_aws.permissions.buckets import enforce_bucket_policies
from local_aws.permissions.checks import enforce
from local_aws.permissions.iam import complete_iam

log = logging.getLogger(__name__)
_CODE = "NotImplemented"
_SERVICE = re.compile(r"Credential=[^/]+/\d+/[a-z0-9-]+/(?P<name>[a-z0-9-]+)/")
_SERVER_ERROR, _NO_ROUTE = "500", ("404", "405")
_UNREADABLE = "400"  # with a page: the body broke off
_PAGE = b"<!doctype html>\n<html lang=en>\n<title>40"  # werkzeug's own; no service answers this way
_FORM = "application/x-www-form-urlencoded"
LOG_EVENTS = 50_000  # kept per log stream
ALARM_STATES = 1_000  # past ones, kept per alarm

# Of a general purpose bucket: AWS's rules, with its reserved beginnings and ends.
_BUCKET_NAME = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-|.*\.\.|[0-9]+(\.[0-9]+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
    r"(?<!-s3alias)(?<!--ol-s3)(?<!\.mrap)(?<!--x-s3)(?<!--table-s3)"
)
_CREATE_BUCKET = S3Backend.create_bucket
_EMBEDDED = '"_aws"'
_TOKEN = re.compile(r"([fb]/)(-?[0-9]{1,60})")
_PUT_LOG_EVENTS, _GET_LOG_EVENTS = LogStream.put_log_events, LogStream.get_log_events
_PUT_METRIC_DATA = CloudWatchBackend.put_metric_data
_UPDATE_STATE = Alarm.update_state


class _Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher, which otherwise takes an object for a form if its content type is one."""

    def _get_body(self, environ: dict[str, Any]) -> str | None:
        return super()._get_body(environ) if environ["REQUEST_METHOD"] == "POST" else None


class Moto:
    """moto's WSGI application without its internal errors."""

    def __init__(self, whole_logs: tuple[str, ...]) -> None:
        # Templates attach AWS's own policies to the roles of functions.
        default_user_config["iam"]["load_aws_managed_policies"] = True
        enforce()
        enforce_bucket_policies()
        complete_iam()
        s3: Any = S3Backend
        s3.create_bucket = _create_bucket
        bound_memory(whole_logs)
        log_searches.install()
        requests: Any = Request
        requests.want_form_data_parsed = property(lambda self: self.method == "POST")
        self._application = _Dispatcher(create_backend_app)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        try:
            body, status, headers = run_wsgi_app(self._application, environ)
            refusal = None
            if status[:3] in (_SERVER_ERROR, _UNREADABLE, *_NO_ROUTE):
                body = list(body)
                refusal = _refusal(environ, status[:3], b"".join(body))
        except NotImplementedError as error:
            refusal = _not_implemented(environ, str(error))
        except Exception as error:
            refusal = _failed(environ, error)
        if refusal is not None:
            return refusal(environ, start_response)
        start_response(status, headers.to_wsgi_list())
        return body

    def reset(self) -> None:
        """Forget everything: buckets, roles, logs, metrics, and whatever else moto keeps."""
        BackendDict.reset()
        RECORDER.clear()


def _create_bucket(self: Any, bucket_name: str, *arguments: Any, **named: Any) -> Any:
    """Create a bucket whose name S3 accepts; moto checks its length only."""
    if not _BUCKET_NAME.fullmatch(bucket_name):
        raise InvalidBucketName()
    return _CREATE_BUCKET(self, bucket_name, *arguments, **named)


def bound_memory(whole_logs: tuple[str, ...], log_events: int = LOG_EVENTS) -> None:
    """Make moto drop what its services have removed, and the oldest of what they only collect.

    Log groups whose names start with one of `whole_logs` keep all events.
    """
    models: Any = BaseModel
    models.__new__ = _create_untracked
    streams: Any = LogStream
    streams.put_log_events = partialmethod(_put_log_events, whole_logs, log_events)
    streams.get_log_events = _get_log_events
    metrics: Any = CloudWatchBackend
    metrics.put_metric_data = _put_metric_data
    alarms: Any = Alarm
    alarms.update_state = _update_state


def _create_untracked(cls: Any, *arguments: Any, **named: Any) -> Any:
    """Create a model without adding it to the list that moto's dashboard shows."""
    return super(BaseModel, cls).__new__(cls)


def _put_log_events(
    self: Any, whole_logs: tuple[str, ...], limit: int, log_events: list[dict[str, Any]]
) -> str:
    """Store events and the metrics in them, and drop the oldest ones beyond the limit."""
    token = _PUT_LOG_EVENTS(self, log_events)
    for event in log_events:
        if _EMBEDDED in event["message"]:
            record_embedded(self.region, event["message"])
    surplus = len(self.events) - limit
    if surplus > 0 and not self.log_group.name.startswith(whole_logs):
        del self.events[:surplus]
        self.dropped = getattr(self, "dropped", 0) + surplus
    return token


def _get_log_events(self: Any, *arguments: Any) -> Any:
    """Return a page of events; moto's tokens count from the oldest event that still exists."""
    start, end, limit, token, from_head = arguments
    dropped = getattr(self, "dropped", 0)
    token = _shifted(token, -dropped)
    page, *tokens = _GET_LOG_EVENTS(self, start, end, limit, token, from_head)
    return page, *(_shifted(token, dropped) for token in tokens)


def _shifted(token: str | None, events: int) -> str | None:
    """Return a token, such as f/000042, for another number of dropped events."""
    match = _TOKEN.fullmatch(token or "")
    return f"{match[1]}{max(-1, int(match[2]) + events):056d}" if match else token


def _put_metric_data(self: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
    """Store metric data, and drop the oldest beyond the limit."""
    if namespace.startswith("AWS/"):
        raise InvalidParameterValue(
            f"The value {namespace} for parameter Namespace is invalid: AWS/ is reserved."
        )
    _PUT_METRIC_DATA(self, namespace, metric_data)
    del self.metric_data[:-MAX_DATA]


def _update_state(self: Any, *arguments: Any, **named: Any) -> None:
    """Change the state of an alarm, and drop its oldest states beyond the limit."""
    _UPDATE_STATE(self, *arguments, **named)
    del self.history[:-ALARM_STATES]


def _refusal(environ: dict[str, Any], status: str, body: bytes) -> Response | None:
    """Return the response in place of an internal error or a page of werkzeug, if it is one."""
    if status == _SERVER_ERROR:
        log.warning("moto answered a %s request with %s", environ["REQUEST_METHOD"], status)
        return _not_implemented(environ, "it failed")
    if not body.startswith(_PAGE):
        return None
    if status == _UNREADABLE:  # S3's error for a client that does not finish its body
        message = (
            "Your socket connection to the server was not read from or written to within the "
            "timeout period. Idle connections will be closed."
        )
        return _error(environ, 400, "RequestTimeout", message)
    return _not_implemented(environ, "it has no such operation")


def _failed(environ: dict[str, Any], error: Exception) -> Response:
    if (fault := local_fault(error)) is not None:
        log.error("moto failed to answer: %s", fault)
        return _error(environ, fault.status, fault.code, fault.message)
    log.warning("moto failed to answer a %s request: %r", environ["REQUEST_METHOD"], error)
    log.debug("moto's traceback:", exc_info=error)
    return _not_implemented(environ, "it failed")


def _not_implemented(environ: dict[str, Any], reason: str) -> Response:
    match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = match["name"] if match else "this service"
    message = f"moto, which provides {service} in the local AWS, cannot answer this: {reason}"
    return _error(environ, 501, _CODE, message)


def _error(environ: dict[str, Any], status: int, code: str, message: str) -> Response:
    match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    headers = {"x-amzn-ErrorType": code}
    is_form = environ.get("CONTENT_TYPE", "").startswith(_FORM)
    if is_form or (match and match["name"] == "s3"):
        body = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{escape(message)}</Message>"
            "</Error></ErrorResponse>"
        )
        return Response(body, status, headers, content_type="text/xml")
    body = json.dumps({"__type": code, "message": message})
    return Response(body, status, headers, content_type="application/json")
