"""The local AWS starts quickly and needs little memory, so that every test can have its own."""

import os
import subprocess
import sys

import psutil
import pytest

from local_aws.testing import ROOT, running_local_aws

MOST_BYTES = 90_000_000
CLIENT = "import boto3; boto3.client('s3', region_name='us-east-1')"


def cpu_seconds_of_a_client() -> float:
    """Return the CPU time of a process that only creates one boto3 client."""
    process = subprocess.Popen([sys.executable, "-c", CLIENT], cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.slow
def test_start_takes_at_most_four_times_the_time_of_a_client_and_90_mb():
    client = min(cpu_seconds_of_a_client() for _ in range(3))
    starts = []
    for _ in range(3):
        with running_local_aws() as aws:
            process = psutil.Process(aws.pid)
            starts.append(sum(process.cpu_times()[:2]))
            assert process.memory_info().rss < MOST_BYTES
    assert min(starts) <= 4 * client
