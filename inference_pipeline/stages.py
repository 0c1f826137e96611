"""Carry rejections through the four functions that the scikit-learn container calls.

The container turns every exception into a 500 page without a reason. So the functions raise
nothing: a refused request becomes a Rejection, which passes the next functions untouched and leaves
the last one as a response with the right status.
"""

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

from inference_pipeline.responses import Rejection
from newsgroup_classifier.errors import RequestError

log = logging.getLogger(__name__)


def carries_rejections(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap input_fn or predict_fn to pass on a Rejection, and to turn errors into one."""

    @wraps(function)
    def call(first: Any, second: Any) -> Any:
        if isinstance(first, Rejection):
            return first
        try:
            return function(first, second)
        except Exception as error:
            return reject(error)

    return call


def answers_rejections(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap output_fn to respond to a Rejection or to an error of its own."""
    carried = carries_rejections(function)

    @wraps(function)
    def call(prediction: Any, accept: str) -> Any:
        result = carried(prediction, accept)
        return result.response() if isinstance(result, Rejection) else result

    return call


def reject(error: Exception) -> Rejection:
    """Return what the client sees of an error: the reason for a refusal, no internal details."""
    if isinstance(error, RequestError):
        return Rejection(error.status, error.code, str(error))
    # The place alone, because the message may quote the client's texts.
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s in a stage:\n%s", type(error).__name__, frames)
    return Rejection(500, "InternalError", "the request could not be served")
