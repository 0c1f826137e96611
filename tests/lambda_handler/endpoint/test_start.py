"""A cold start creates the client of the endpoint's service, and needs no numpy."""

import json
import os
import subprocess
import sys

from local_aws.testing import ROOT

_PROGRAM = """
import json, sys
from lambda_handler.endpoint.handler import handler
client = handler._client
service = client and client.meta.service_model.service_name
print(json.dumps({"modules": sorted(sys.modules), "service": service}))
"""
_NEEDED = ("PATH", "LD_LIBRARY_PATH")
_KEYS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


def start(**variables: str) -> dict:
    """Import the handler in a process with the variables; return what it has then."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=ROOT,
        env={name: os.environ[name] for name in _NEEDED if name in os.environ} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(ended.stdout))


def test_start_with_an_endpoint_creates_the_client_without_numpy_or_a_model():
    started = start(ENDPOINT_NAME="an-endpoint", **_KEYS)
    assert started["service"] == "sagemaker-runtime"
    assert not {"numpy", "lambda_handler.model", "lambda_handler.s3"} & set(started["modules"])


def test_start_without_an_endpoint_creates_no_client():
    assert start()["service"] is None
