"""The flags of a guarded release become a deployment config that AWS accepts."""

import argparse
import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.errors import DeploymentError
from scripts.endpoints.guard import (
    add_guard_arguments,
    deployment_config,
    fired_alarms,
    guarded,
    undoing,
)
from scripts.endpoints.plans import Live

sagemaker = boto3.client(
    "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
)


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_guard_arguments(parser)
    return parser.parse_args([*words])


def config_of(*words: str, count: int = 2, alarms: tuple[str, ...] = ("a-5xx",)):
    arguments = parsed(*words)
    return deployment_config(arguments, count, arguments.alarm or alarms, "--recipe r")


def test_release_without_flags_is_not_guarded():
    live = Live({}, {})
    assert guarded(None, None, parsed(), live, 1) is live


def test_canary_gets_its_share_and_both_waits_are_the_bake():
    config = config_of("--canary", "10", "--bake", "2", "--alarm", "slow", "broken")
    policy = config["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 120,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
    }
    assert policy["TerminationWaitInSeconds"] == 120
    alarms = config["AutoRollbackConfiguration"]["Alarms"]
    assert alarms == [{"AlarmName": "slow"}, {"AlarmName": "broken"}]


def test_linear_release_has_equal_steps():
    routing = config_of("--linear", "25")["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["LinearStepSize"] == {"Type": "CAPACITY_PERCENT", "Value": 25}
    assert routing["WaitIntervalInSeconds"] == 300


def test_bake_alone_moves_all_traffic_at_once_and_suits_one_instance():
    policy = config_of("--bake", "1", count=1)["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"
    assert policy["TerminationWaitInSeconds"] == 60


@given(
    share=st.one_of(
        st.just([]),
        st.integers(1, 50).map(lambda size: ["--canary", str(size)]),
        st.integers(10, 50).map(lambda size: ["--linear", str(size)]),
    ),
    bake=st.floats(1 / 60, 60),
)
def test_every_guard_is_valid_for_aws_and_its_limit_is_longer_than_its_waits(share, bake):
    try:
        config = config_of(*share, "--bake", str(bake))
    except DeploymentError as error:
        assert "AWS ends a release after 480 minutes. Pass a shorter --bake" in str(error)
        assert share[0] == "--linear"
        assert bake * math.ceil(100 / int(share[1])) > 479
        return
    names = {"EndpointName": "e", "EndpointConfigName": "c"}
    with Stubber(sagemaker) as stubber:  # which validates the request
        expected = names | {"DeploymentConfig": config}
        stubber.add_response("update_endpoint", {"EndpointArn": "a" * 20}, expected)
        sagemaker.update_endpoint(**expected)
    policy = config["BlueGreenUpdatePolicy"]
    waits = math.ceil(100 / int(share[1])) if share[:1] == ["--linear"] else 2 if share else 1
    limit = policy["MaximumExecutionTimeoutInSeconds"]
    assert waits * policy["TerminationWaitInSeconds"] < limit <= 28_800


@pytest.mark.parametrize("bake", ["-1", "0", "0.001", "61", "x", "nan", "inf"])
def test_bake_that_is_no_number_of_minutes_is_refused(bake, capsys):
    with pytest.raises(SystemExit):
        parsed(f"--bake={bake}")
    assert "is not a number of minutes, at least a second and at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "count", "alarms", "message"),
    [
        (["--canary", "10"], 1, ["a"], "--canary 10 needs at least 2 instances, found 1"),
        (["--linear", "10"], 1, ["a"], "--linear 10 needs at least 2 instances, found 1"),
        (["--bake", "1"], 1, [], "found 0; .* with: python -m scripts watch --recipe r$"),
        (["--linear", "10", "--bake", "60"], 2, ["a"], "be watched 10 times for 60 minutes"),
        (["--bake", "1", "--alarm", *map(str, range(11))], 1, [], "found 11"),
    ],
)
def test_guard_that_cannot_work_is_refused(words, count, alarms, message):
    with pytest.raises(DeploymentError, match=message):
        config_of(*words, count=count, alarms=alarms)


def test_first_release_is_not_guarded():
    with pytest.raises(DeploymentError, match="first release of an endpoint has no traffic"):
        guarded(None, None, parsed("--canary", "10"), None, 2)


START = datetime(2026, 1, 2, tzinfo=UTC)
GUARDED = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "slow"}]}}


def fired(state, reason="", live=None, seconds=5):
    """Return the alarms that a failed update names, one of which was updated after its start."""
    updated = START + timedelta(seconds=seconds)
    alarm = {"AlarmName": "slow", "StateValue": state, "StateUpdatedTimestamp": updated}
    aws = SimpleNamespace(make=lambda call: {"MetricAlarms": [alarm]})
    endpoint = {"FailureReason": reason, "LastDeploymentConfig": GUARDED}
    return fired_alarms(aws, live or Live({}, {"DeploymentConfig": GUARDED}), endpoint, START)


def test_alarm_that_is_off_or_was_since_the_start_is_named():
    assert fired("ALARM", seconds=-5) == ["slow"]
    assert fired("ALARM", "a reason without names") == ["slow"]
    assert fired("OK") == ["slow"]
    assert fired("OK", "these alarms went off: slow") == ["slow"]
    assert fired("OK", seconds=-5) == []


def test_alarm_of_an_earlier_guarded_release_did_not_end_one_without_a_guard():
    assert fired("ALARM", live=Live({}, {})) == []


def test_interrupted_update_says_that_it_goes_on_and_how_an_alarm_ends_it():
    aws = SimpleNamespace(region="eu-west-1")
    goes_on = "AWS cannot cancel the update of endpoint e; waiting until it ends"
    guarded = undoing(aws, "e", Live({}, {"DeploymentConfig": GUARDED}))
    assert guarded.startswith(f"{goes_on}. To stop a guarded release at once, set off one of")
    assert "--region eu-west-1 --alarm-name slow --state-value ALARM" in guarded
    assert undoing(aws, "e", Live({}, {})) == goes_on
    assert undoing(aws, "e", None) == "Undoing the release of endpoint e."


def test_model_that_cannot_start_is_not_an_alarm_that_has_just_become_ok():
    assert fired("OK", "The container did not pass the ping health check.") == []
