"""Call a local AWS every few seconds for a long time, and check that it stays alive and small.

python -m local_aws.tests.soak --minutes 30
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import Account
from local_aws.tests.awslambda.functions import Lambdas

MOST_GROWTH = 0.01  # of the memory after the warm-up
_PAUSE = 5.0  # seconds between rounds of calls
_WARM_UP = 20  # rounds
_FAST_ROUNDS = 60  # the first ones, without a pause


@dataclass
class Soak:
    """What a local AWS did so far."""

    rounds: int = 0
    failed: str = ""
    start_bytes: int = 0  # of memory, after the warm-up
    end_bytes: int = 0
    log: str = ""

    @property
    def growth(self) -> float:
        """The growth of its memory after the warm-up, as a share."""
        return self.end_bytes / self.start_bytes - 1 if self.start_bytes else 0.0

    @property
    def fault(self) -> str:
        """What is wrong, or an empty text."""
        if self.failed or self.log:
            return f"{self.failed}\n{self.log}".strip()
        if self.growth > MOST_GROWTH:
            return f"its memory has grown by {self.growth:.1%}, more than {MOST_GROWTH:.0%}"
        return ""


@contextmanager
def soaking() -> Iterator[Soak]:
    """Call a local AWS in a thread until the context ends."""
    soak, stop = Soak(), threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        with running_local_aws(log=path) as aws:
            thread = threading.Thread(target=_call, args=(aws, soak, stop), daemon=True)
            thread.start()
            try:
                yield soak
            finally:
                stop.set()
                thread.join(timeout=120)
                soak.log = path.read_text(encoding="utf-8")


def _call(aws: LocalAws, soak: Soak, stop: threading.Event) -> None:
    process = psutil.Process(aws.pid)
    try:
        calls = _calls(aws)
        while not stop.wait(_PAUSE if soak.rounds >= _FAST_ROUNDS else 0):
            for call in calls:
                call()
            soak.rounds += 1
            soak.end_bytes = process.memory_full_info().uss
            if soak.rounds <= _WARM_UP:
                soak.start_bytes = soak.end_bytes
    except Exception as error:
        soak.failed = f"round {soak.rounds + 1} failed: {error!r}"


def _calls(aws: LocalAws) -> list[Callable[[], object]]:
    """Return calls of each service, which leave nothing behind."""
    account = Account(aws)
    bucket = account.bucket
    calls: list[Callable[[], object]] = [
        lambda: account.s3.put_object(Bucket=bucket, Key="key", Body=b"x" * 100_000),
        lambda: account.s3.get_object(Bucket=bucket, Key="key")["Body"].read(),
        lambda: account.s3.list_objects_v2(Bucket=bucket),
        account.iam.list_roles,
        account.logs.describe_log_groups,
        account.sagemaker.list_models,
        aws.client("sts").get_caller_identity,
        aws.client("cloudwatch").describe_alarms,
        aws.client("ssm").describe_parameters,
        aws.client("apigatewayv2").get_apis,
        aws.client("cloudformation").describe_stacks,
    ]
    if find_spec("awslambdaric") is not None:
        lambdas = Lambdas(aws, account)
        name = lambdas.create()
        calls.append(lambda: lambdas.client.invoke(FunctionName=name, Payload=b"{}"))
    return calls


def main() -> int:
    """Soak a local AWS for some minutes; print the result and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="duration (default 30)")
    minutes = parser.parse_args().minutes
    with soaking() as soak:
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end and not soak.failed:
            time.sleep(0.5)
    result = {"minutes": minutes, **asdict(soak), "growth": soak.growth, "fault": soak.fault}
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 1 if soak.fault else 0


if __name__ == "__main__":
    sys.exit(main())
