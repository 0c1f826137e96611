"""Small serving programs (stages of pipelines) written to the contract of the container."""

import json
from pathlib import Path
from typing import Any

import psutil

from local_aws.tests.account import Account, unique

# Returns its request. A body that begins with a keyword triggers what the keyword says.
ECHO = """
import json
import os
import time

from flask import request
from sagemaker_containers.beta.framework import worker


def model_fn(model_dir):
    return os.environ["STAGE"]


def input_fn(body, content_type):
    return body if isinstance(body, str) else body.decode()


def predict_fn(body, stage):
    if body.startswith("raise in " + stage):
        raise ValueError("asked to raise")
    if body.startswith("refuse in " + stage):
        return worker.Response("asked to refuse", status=400, mimetype="text/plain")
    if body.startswith("trace "):
        return worker.Response("traced", headers={"X-Amzn-SageMaker-Custom-Attributes": body})
    if body.startswith("exactly "):
        return "x" * int(body.split()[1]), "text/plain"
    if body.startswith("x"):
        return str(len(body)), "text/plain"
    seen = {
        "stage": stage,
        "pid": os.getpid(),
        "content_type": request.headers.get("Content-Type"),
        "accept": request.headers.get("Accept"),
        "attributes": request.headers.get("X-Amzn-SageMaker-Custom-Attributes"),
        "body": body,
    }
    print("stage", stage, "answered", flush=True)
    return json.dumps(seen), "application/vnd." + stage + "+json"


def output_fn(prediction, accept):
    return prediction
"""

RAISING = """
def model_fn(model_dir):
    return None


def input_fn(body, content_type):
    raise ValueError("asked to raise")
"""

MISSING_IMPORT = """
import moto


def model_fn(model_dir):
    return None
"""

# Loads its model only once the object named by GATE exists, so that a test can delay its start.
GATED = """
import os
import time

import boto3


def model_fn(model_dir):
    bucket, gate = os.environ["BUCKET"], os.environ["GATE"]
    s3 = boto3.client("s3")
    while not s3.list_objects_v2(Bucket=bucket, Prefix=gate).get("KeyCount"):
        time.sleep(0.05)
    return "new"


def predict_fn(array, model):
    return model
"""


def stage(
    account: Account, name: str = "only", script: str = ECHO, **variables: str
) -> dict[str, Any]:
    """Return a container that runs the script of a stage with a name."""
    container = account.packed_container(script)
    container["Environment"] |= {"STAGE": name} | variables
    return container


def gated_stage(account: Account) -> tuple[dict[str, Any], str]:
    """Return a container that starts once there is an object with a key, and the key."""
    gate = unique("gate")
    return stage(account, script=GATED, BUCKET=account.bucket, GATE=gate), gate


def invoke(account: Account, endpoint: str, body: str = "hello", **headers: str) -> Any:
    """Invoke an endpoint; return the request that its last stage received, or its prediction."""
    headers = {"ContentType": "text/plain"} | headers
    response = account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers)
    return json.load(response["Body"])


def processes_of(name: str) -> list[psutil.Process]:
    """Return the running processes of an endpoint or a job."""
    processes = []
    for process in psutil.process_iter():
        try:
            base = process.environ().get("SAGEMAKER_BASE_DIR", "")
            if name in Path(base).parts and process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
        except psutil.Error:  # it has ended
            continue
    return processes
