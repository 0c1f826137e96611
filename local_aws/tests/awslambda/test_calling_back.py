"""Containers can call the local AWS while it waits for their responses."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_aws.tests.account import Account
from local_aws.tests.raw_http import send_raw

CONCURRENT_CALLS = 100
CALLS_BACK = """
import os
import time

import boto3


def model_fn(model_dir):
    return boto3.client("s3")


def input_fn(body, content_type):
    time.sleep(1)
    return body


def predict_fn(key, s3):
    return s3.get_object(Bucket=os.environ["BUCKET"], Key=key)["Body"].read().decode()


def output_fn(text, accept):
    return text, "text/plain"
"""
LARGE = 200 * 2**20
MAX_PEAK_GROWTH = 60 * 2**20


@pytest.mark.slow
def test_containers_that_call_s3_at_the_same_time_all_get_a_response(account: Account):
    account.upload("key1", "an object")
    container = account.packed_container(CALLS_BACK)
    container["Environment"]["BUCKET"] = account.bucket
    endpoint = account.deploy(container)

    def invoke(number: int) -> bytes:
        path = f"/endpoints/{endpoint}/invocations"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
        return send_raw(account.aws.url, f"{head}Content-Length: 4\r\n\r\nkey1".encode()).body

    with ThreadPoolExecutor(max_workers=CONCURRENT_CALLS) as pool:
        assert set(pool.map(invoke, range(CONCURRENT_CALLS))) == {b"an object"}
    account.delete_endpoint(endpoint)


def peak(pid: int) -> int:
    """Return the peak memory of a process in bytes."""
    (line,) = [
        line
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        if line.startswith("VmHWM:")
    ]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux records the peak")
@pytest.mark.parametrize(
    "line",
    [b"Origin: http://evil.example", b"X-Amz-Target: SageMaker.Nothing", b"X-Nothing: at all"],
    ids=["of a browser", "at the control plane", "at the runtime"],
)
def test_large_refused_body_is_not_kept_in_memory(account: Account, line):
    before = peak(account.aws.pid)
    head = b"POST /endpoints/none/invocations HTTP/1.1\r\nHost: localhost\r\n" + line
    request = head + b"\r\nContent-Length: %d\r\n\r\n" % LARGE + bytes(LARGE)
    response = send_raw(account.aws.url, request)
    assert response.status in (400, 403), json.dumps(response.content.decode("latin-1"))
    assert peak(account.aws.pid) - before < MAX_PEAK_GROWTH
