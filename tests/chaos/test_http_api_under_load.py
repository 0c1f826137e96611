"""64 clients call the HTTP API: every response is correct, and limits refuse the excess."""

from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from local_aws.processes import BASE_VARIABLE
from local_aws.testing import running_local_aws
from local_aws.tests.account import eventually
from tests.chaos.http_clients import CORRECT, HttpClient, call_for, call_in_groups
from tests.chaos.load import Known
from tests.end_to_end.functions.lambda_release import NAMED, LambdaRelease, make_lambda_release

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CLIENTS, SECONDS, SHORT = 64, 30, 6
GROUP = 8
BUSY = "503 {'message': 'Service Unavailable'}"
THROTTLED = "429 {'message': 'Too Many Requests'}"
RATE, BURST = 40, 20
WORDS = ("raven", "creature", "horror", "midnight", "sea", "house", "eye", "night", "ice", "god")


@dataclass(frozen=True)
class Loaded:
    """A release, and its predictions for some texts without load."""

    release: LambdaRelease
    known: Known

    def limit(self, concurrency: int, rate: int, burst: int) -> None:
        """Deploy again with other limits."""
        limits = {"--concurrency": concurrency, "--rate": rate, "--burst": burst}
        flags = [word for pair in limits.items() for word in map(str, pair)]
        deployed = self.release.scripts.run("deploy", *NAMED, "--target", "lambda", *flags)
        assert deployed.code == 0, deployed.stderr

    def call(self, clients: int, seconds: float) -> dict[str, int]:
        """Let clients call for some seconds; return the number of each outcome."""
        return dict(call_for(seconds, self._callers(clients), len(self.known.texts)))

    def start(self, clients: int) -> dict[str, int]:
        """Let clients call, GROUP more at a time; return the number of each outcome.

        Environments that start at once load their models at once, which may take them longer than
        their time limit for S3 if the computer is busy.
        """
        return dict(call_in_groups(self._callers(clients), len(self.known.texts), GROUP))

    def _callers(self, clients: int) -> list[HttpClient]:
        return [HttpClient(self.release.deploy["api_url"], self.known) for _ in range(clients)]


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    with running_local_aws() as aws:
        release = make_lambda_release(aws)
        texts = [f"the {word} of the {other}" for word in WORDS for other in WORDS]
        predictions = [
            prediction
            for start in range(0, len(texts), 100)
            for prediction in release.call(
                "POST", "/predict", {"instances": texts[start : start + 100]}
            )[1]["predictions"]
        ]
        labels = [each["label"] for each in predictions]
        yield Loaded(release, Known(texts, labels, [each["probabilities"] for each in predictions]))
    assert not functions_of(aws.pid)


def functions_of(local_aws: int) -> list[psutil.Process]:
    """Return the running processes of functions of a local AWS."""
    processes = []
    for process in psutil.process_iter():
        try:
            base = process.environ().get(BASE_VARIABLE, "")
            own = f"local-aws-{local_aws}-" in base
            if own and process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
        except psutil.Error:  # it ended in the meantime
            continue
    return processes


def test_api_returns_correct_predictions_to_64_concurrent_clients(loaded, capsys):
    loaded.limit(concurrency=CLIENTS, rate=10_000, burst=5_000)
    assert set(loaded.start(CLIENTS)) == {CORRECT}
    outcomes = loaded.call(CLIENTS, SECONDS)
    with capsys.disabled():
        print(f"\n{outcomes} in {SECONDS} s")  # noqa: T201
    assert set(outcomes) == {CORRECT}


def test_api_refuses_with_503_only_requests_over_the_concurrency(loaded):
    loaded.limit(concurrency=4, rate=10_000, burst=5_000)
    assert set(loaded.call(4, SHORT)) == {CORRECT}
    over = loaded.call(CLIENTS, SHORT)
    assert set(over) == {CORRECT, BUSY}


def test_api_refuses_with_429_only_requests_over_the_throttle(loaded):
    loaded.limit(concurrency=CLIENTS, rate=RATE, burst=BURST)
    assert set(loaded.start(CLIENTS)) <= {CORRECT, THROTTLED}
    over = loaded.call(CLIENTS, SHORT)
    assert set(over) == {CORRECT, THROTTLED}
    # The token bucket may start full, and refills during the last calls.
    assert RATE * SHORT <= over[CORRECT] <= RATE * (SHORT + 2) + BURST


def test_delete_of_the_stack_ends_all_processes_of_its_function(loaded):
    assert functions_of(loaded.release.scripts.aws.pid)
    assert loaded.release.scripts.run("delete", *NAMED).code == 0
    assert eventually(lambda: not functions_of(loaded.release.scripts.aws.pid))
