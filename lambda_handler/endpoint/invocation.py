"""Classify texts with a SageMaker endpoint, in bounded time, and turn its errors into ours."""

import json
import time
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

from lambda_handler.calls import CallHandler, Line, has_page
from lambda_handler.errors import EndpointTimeout, ModelError, Throttled
from lambda_handler.texts import JSON, Texts
from newsgroup_classifier.errors import (
    PayloadTooLarge,
    RequestError,
    ServingError,
    UnsupportedMediaType,
)
from newsgroup_classifier.text.request_bodies import error_message

MAX_BYTES = 6_291_456  # of a request to InvokeEndpoint
# The function is stopped after 25 s. A retry by botocore would double a wait.
LIMITS = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 1})
_PROBE = "health"  # the text that /health sends, to read the label names of the response
_REFUSALS: Mapping[int, type[RequestError]] = {413: PayloadTooLarge, 415: UnsupportedMediaType}


class EndpointHandler(CallHandler):
    """Handles events with an endpoint, which the environment names.

    `client` is boto3's client of the SageMaker runtime. Of the options of an endpoint, `explain` is
    passed on; `top` and `neighbors` are not part of the API.
    """

    def __init__(self, client: Any, environ: Mapping[str, str]) -> None:
        super().__init__(environ.get("AWS_LAMBDA_FUNCTION_NAME", "none"), has_page(environ))
        self._client = client
        self._endpoint = environ.get("ENDPOINT_NAME", "")
        self._recipe = environ.get("RECIPE", "none")
        self._sha256 = environ.get("MODEL_SHA256", "")

    def classify(self, request: Texts, line: Line) -> dict[str, Any]:
        """Return the predictions of the endpoint."""
        texts = request.texts
        options = {"explain": request.explain} if request.explain else {}
        content = {"instances": texts} | options
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) > MAX_BYTES:
            raise PayloadTooLarge(
                f"the texts have {len(body):,} bytes as JSON; SageMaker accepts at most "
                f"{MAX_BYTES:,}. Send fewer or shorter texts."
            )
        started = time.perf_counter()
        try:
            return self._read(self.invoke(body), len(texts))
        finally:
            line["endpoint_ms"] = round((time.perf_counter() - started) * 1000, 3)

    def describe(self, line: Line) -> dict[str, Any]:
        """Return the model of the release, with the labels in a response of the endpoint."""
        (prediction,) = self.classify(Texts([_PROBE]), line)["predictions"]
        names = list(prediction["probabilities"])
        return {"recipe": self._recipe, "sha256": self._sha256, "label_names": names}

    def model_fields(self, cold: bool) -> Line:
        """Return the recipe of the endpoint."""
        return {"recipe": self._recipe}

    def invoke(self, body: bytes) -> bytes:
        """Return the response of the endpoint; raise ServingError with the reason."""
        try:
            try:
                return self._send(body)
            except ConnectionClosedError:  # an idle one, while Lambda had frozen the process
                return self._send(body)
        except ClientError as error:
            raise self._error_of(error.response) from None
        except ReadTimeoutError:
            raise EndpointTimeout(
                f"the endpoint {self._endpoint} did not respond within {LIMITS.read_timeout} s. "
                "Send fewer texts, or try again."
            ) from None
        except BotoCoreError as error:
            raise ModelError(
                f"the endpoint {self._endpoint} could not be reached ({type(error).__name__}); the "
                "next call tries again"
            ) from None

    def _send(self, body: bytes) -> bytes:
        if not self._endpoint:
            raise ModelError("ENDPOINT_NAME is not set; expected the name of an endpoint")
        response = self._client.invoke_endpoint(
            EndpointName=self._endpoint, ContentType=JSON, Accept=JSON, Body=body
        )
        content: bytes = response["Body"].read()
        return content

    def _read(self, body: bytes, texts: int) -> dict[str, Any]:
        """Return the predictions in a response, one per text."""
        try:
            content: dict[str, Any] = json.loads(body)
            predictions = content["predictions"]
            valid = len(predictions) == texts and all(
                one["label"] in one["probabilities"] for one in predictions
            )
        except (ValueError, KeyError, TypeError):
            valid = False
        if not valid:
            raise ServingError(
                f"the endpoint {self._endpoint} did not return a prediction for each text; did "
                "`deploy --target pipeline` create it?"
            )
        return content

    def _error_of(self, response: Mapping[str, Any]) -> ServingError:
        """Return the error for an error of SageMaker, whose own message may quote the request."""
        code = response["Error"]["Code"]
        if code == "ModelError":
            return self._container_error(
                response.get("OriginalStatusCode", 0), response.get("OriginalMessage", "")
            )
        if code == "ThrottlingException":
            return Throttled(f"SageMaker throttles the endpoint {self._endpoint}; try again later")
        if code in ("AccessDenied", "AccessDeniedException"):
            reason = f"the caller's role does not allow sagemaker:InvokeEndpoint on it ({code})"
        elif code == "ValidationError":
            reason = "it does not exist, or is not in service yet. Try again, or deploy it again"
        else:
            reason = f"SageMaker could not pass the request on ({code}); the next call tries again"
        return ModelError(f"the endpoint {self._endpoint} is not available: {reason}")

    def _container_error(self, status: int, message: str) -> ServingError:
        """Return the error for an error response of a container; status 0 is a time-out."""
        if status in (0, 504):
            return EndpointTimeout(
                f"a container of the endpoint {self._endpoint} did not respond in time. Send fewer "
                "texts, or try again."
            )
        if status == 429:
            return Throttled(f"the endpoint {self._endpoint} is overloaded; try again later")
        if 400 <= status < 500:
            refusal = _REFUSALS.get(status, RequestError)
            return refusal(error_message(message) or f"the endpoint refused the request ({status})")
        if status == 503:
            return ModelError(
                f"a container of the endpoint {self._endpoint} is overloaded or starting; the next "
                "call tries again"
            )
        return ServingError(
            f"the endpoint {self._endpoint} failed ({status}); its log has the reason"
        )
