"""The stages of a DeploymentConfig, without any endpoint."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.errors import ValidationError
from local_aws.sagemaker.hosting.shifting import Rollout, Traffic, read_rollout

VARIANT = {"VariantName": "v", "InitialInstanceCount": 4}


def blue_green(kind, wait=60, **members):
    """Return a DeploymentConfig; members with capital letters are sizes."""
    sizes = {name: size for name, size in members.items() if name.endswith("Size")}
    rest = {name: value for name, value in members.items() if name not in sizes}
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **rest}}


def percent(value):
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def count(value):
    return {"Type": "INSTANCE_COUNT", "Value": value}


def shares(config):
    return [round(stage.share, 6) for stage in read_rollout(config, [VARIANT]).stages]


def test_update_without_a_configuration_has_no_stages():
    assert read_rollout(None, [VARIANT]) == Rollout()


@pytest.mark.observes("guardrail-stages")
@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (blue_green("ALL_AT_ONCE"), [1]),
        (blue_green("CANARY", CanarySize=percent(10)), [0.1, 1]),
        (blue_green("CANARY", CanarySize=count(1)), [0.25, 1]),
        (blue_green("LINEAR", LinearStepSize=percent(25)), [0.25, 0.5, 0.75, 1]),
        (blue_green("LINEAR", LinearStepSize=percent(40)), [0.4, 0.8, 1]),
        (blue_green("LINEAR", LinearStepSize=count(2)), [0.5, 1]),
    ],
)
def test_stages_follow_the_type_and_the_size(config, expected):
    assert shares(config) == expected


def test_waits_belong_to_the_partial_stages_and_the_termination_wait_to_the_last():
    config = blue_green("CANARY", 30, CanarySize=percent(50), TerminationWaitInSeconds=90)
    assert [stage.seconds for stage in read_rollout(config, [VARIANT]).stages] == [30, 90]


@given(st.integers(10, 50), st.integers(0, 3000))
def test_linear_stages_grow_by_one_step_up_to_all_traffic(step, wait):
    stages = read_rollout(blue_green("LINEAR", wait, LinearStepSize=percent(step)), [VARIANT])
    values = [stage.share for stage in stages.stages]
    assert values[-1] == 1
    assert values[0] == step / 100
    assert all(0 < b - a <= step / 100 + 1e-9 for a, b in itertools.pairwise(values))
    assert [stage.seconds for stage in stages.stages[:-1]] == [wait] * (len(values) - 1)


@pytest.mark.observes("guardrail-sizes")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        (blue_green("CANARY"), "CANARY requires CanarySize"),
        (blue_green("LINEAR"), "LINEAR requires LinearStepSize"),
        (blue_green("ALL_AT_ONCE", CanarySize=percent(10)), "does not allow CanarySize"),
        (blue_green("CANARY", CanarySize=percent(51)), "CanarySize is 51 .*expected 1-50 percent"),
        (blue_green("CANARY", CanarySize=count(3)), r"CanarySize is 3 \(INSTANCE_COUNT\)"),
        (blue_green("LINEAR", LinearStepSize=percent(9)), "expected 10-50 percent"),
        (
            blue_green(
                "CANARY",
                400,
                CanarySize=percent(5),
                TerminationWaitInSeconds=200,
                MaximumExecutionTimeoutInSeconds=600,
            ),
            "waits for 600 seconds, but MaximumExecutionTimeoutInSeconds is 600",
        ),
    ],
)
def test_contradictions_are_refused(config, message):
    with pytest.raises(ValidationError, match=message):
        read_rollout(config, [VARIANT])


def test_canary_by_count_is_refused_for_one_instance():
    with pytest.raises(ValidationError, match="INSTANCE_COUNT"):
        read_rollout(blue_green("CANARY", CanarySize=count(1)), [{"VariantName": "v"}])


@given(st.floats(0, 1), st.integers(1, 300))
def test_share_of_the_calls_is_exact_to_one_call(share, calls):
    traffic = Traffic("old", "new", share)
    drawn = [traffic.draw() for _ in range(calls)].count("new")
    assert abs(drawn - share * calls) <= 1
