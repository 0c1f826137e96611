"""Releases under load, in a local AWS whose minutes last one second."""

import threading
import time

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.releases.callers import calling
from local_aws.tests.sagemaker.releases.guarded import Guarded, policy, with_alarms
from local_aws.tests.stages import ECHO, processes_of

PERIOD = 1.0  # seconds of a minute of the quick local AWS
# Answers each request with an error of its own.
BROKEN = ECHO.replace('if body.startswith("raise in " + stage):', "if True:")
SIZES = {"ALL_AT_ONCE": None, "CANARY": 10, "LINEAR": 25}


@pytest.fixture
def guarded(quick_account) -> Guarded:
    """Deploy an endpoint."""
    guarded = Guarded(quick_account)
    guarded.allow_alarms()
    yield guarded
    guarded.account.delete_endpoint(guarded.name)


@pytest.mark.slow
@pytest.mark.observes("guardrail-canary")
@pytest.mark.parametrize("kind", ["CANARY", "LINEAR"])
def test_good_release_fails_no_call_and_is_answered_by_no_other_version(guarded, kind):
    config = with_alarms(policy(kind, 240, SIZES[kind], termination=240), guarded.alarm())
    with calling(guarded.call, clients=8) as callers:
        new = guarded.update(guarded.container("new"), config)
        assert guarded.settled()["EndpointConfigName"] == new
        seen = callers.take()
        while seen.total() < 5_000:
            time.sleep(0.2)
            seen += callers.take()
    assert set(seen + callers.take()) == {"old", "new"}


@pytest.mark.slow
def test_killed_processes_cause_only_model_errors_during_a_release(guarded):
    stop, killed = threading.Event(), []

    def kill() -> None:
        eventually(lambda: guarded.status() == "Baking")  # a start that is killed would fail
        while not stop.wait(2.0):
            for process in processes_of(guarded.name)[:1]:
                process.kill()
                killed.append(process.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with calling(guarded.call, clients=8) as callers:
            new = guarded.update(guarded.container("new"), policy("CANARY", 480, 10))
            assert guarded.settled()["EndpointConfigName"] == new
            seen = callers.take()
            while seen.total() < 5_000:
                time.sleep(0.2)
                seen += callers.take()
    finally:
        stop.set()
        killer.join()
    assert killed
    assert {"old", "new"} <= set(seen + callers.take()) <= {"old", "new", "ModelError"}


@pytest.mark.slow
@pytest.mark.observes("guardrail-alarm", "metrics-endpoint-config")
@pytest.mark.parametrize(("percent", "most"), [(10, 0.12), (50, 0.52)])
def test_release_that_fails_every_call_is_rolled_back_within_three_periods(guarded, percent, most):
    alarm = guarded.alarm()
    before = guarded.describe()["EndpointConfigName"]
    config = with_alarms(policy("CANARY", 3600, percent), alarm)
    with calling(guarded.call, clients=8) as callers:
        guarded.update(guarded.container("bad", BROKEN), config)
        eventually(lambda: guarded.status() == "Baking")
        callers.take()
        eventually(lambda: guarded.state(alarm) == "ALARM")
        went_off = time.time()
        eventually(lambda: guarded.describe()["EndpointStatus"] != "Updating")
        seen = callers.take()
        after = guarded.settled()
        callers.take()
        eventually(lambda: callers.take().total())
    assert set(seen) == {"old", "ModelError"}
    assert seen["ModelError"] <= most * seen.total() + 1
    assert set(callers.take()) == {"old"}
    assert callers.last["ModelError"] - went_off < 3 * PERIOD
    assert (after["EndpointConfigName"], after["EndpointStatus"]) == (before, "InService")
    assert alarm in after["FailureReason"]
