"""The local AWS serves those it serves with: containers call it while it waits for them."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_aws.tests.account import Account
from local_aws.tests.raw_http import send_raw

AT_ONCE = 100
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
MOST_PEAK_GROWTH = 60 * 2**20


def test_containers_that_all_call_s3_at_once_are_all_answered(account: Account):
    account.upload("said", "an object")
    container = account.packed_container(CALLS_BACK)
    container["Environment"]["BUCKET"] = account.bucket
    endpoint = account.deploy(container)

    def ask(number: int) -> bytes:
        path = f"/endpoints/{endpoint}/invocations"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
        return send_raw(account.aws.url, f"{head}Content-Length: 4\r\n\r\nsaid".encode()).body

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        assert set(pool.map(ask, range(AT_ONCE))) == {b"an object"}
    account.delete_endpoint(endpoint)


def peak(pid: int) -> int:
    """Return the most bytes that a process ever had resident."""
    (line,) = [
        line
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        if line.startswith("VmHWM:")
    ]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak")
@pytest.mark.parametrize(
    "line",
    [b"Origin: http://evil.example", b"X-Amz-Target: SageMaker.Nothing", b"X-Nothing: at all"],
    ids=["at the door", "at the control plane", "at the runtime"],
)
def test_large_body_that_is_refused_is_not_held_in_memory(account: Account, line):
    before = peak(account.aws.pid)
    head = b"POST /endpoints/none/invocations HTTP/1.1\r\nHost: localhost\r\n" + line
    request = head + b"\r\nContent-Length: %d\r\n\r\n" % LARGE + bytes(LARGE)
    answer = send_raw(account.aws.url, request)
    assert answer.status in (400, 403), json.dumps(answer.content.decode("latin-1"))
    assert peak(account.aws.pid) - before < MOST_PEAK_GROWTH
