"""Updates of an endpoint in stages, with alarms that end them."""

import pytest

from local_aws.tests.account import eventually, refusal
from local_aws.tests.sagemaker.releases.callers import calling
from local_aws.tests.sagemaker.releases.guarded import Guarded, policy, with_alarms


@pytest.fixture(scope="module")
def guarded(account) -> Guarded:
    """Deploy an endpoint that every test of the module updates."""
    guarded = Guarded(account)
    guarded.allow_alarms()
    return guarded


def message_of(guarded) -> str:
    """Return the message of the deployment in progress, or nothing."""
    pending = guarded.describe().get("PendingDeploymentSummary", {"ProductionVariants": []})
    return "".join(
        variant["VariantStatus"][0]["StatusMessage"] for variant in pending["ProductionVariants"]
    )


@pytest.mark.slow
@pytest.mark.observes("guardrail-canary", "guardrail-describe", "guardrail-one-instance")
def test_canary_answers_its_share_until_it_has_baked_and_then_everything(guarded):
    config = policy("CANARY", 3, 30)
    before = guarded.describe()["EndpointConfigName"]
    with calling(guarded.call) as callers:
        new = guarded.update(guarded.container("canary"), config)
        eventually(lambda: guarded.status() == "Baking")
        callers.take()
        described = guarded.describe()
        eventually(lambda: "canary" not in message_of(guarded))
        during = callers.take()
        assert guarded.settled()["EndpointConfigName"] == new
    assert described["EndpointStatus"] == "Updating"
    assert described["EndpointConfigName"] == before
    pending = described["PendingDeploymentSummary"]
    assert pending["EndpointConfigName"] == new
    (variant,) = pending["ProductionVariants"]
    message = variant["VariantStatus"][0]["StatusMessage"]
    assert message.startswith("Baking for 3 seconds")
    assert message.endswith("with traffic enabled on canary capacity of 1 instance(s).")
    assert set(during) == {"old", "canary"}
    assert 0.1 < during["canary"] / during.total() < 0.6
    after = guarded.settled()
    assert "PendingDeploymentSummary" not in after
    assert after["LastDeploymentConfig"] == config
    assert {guarded.call() for _ in range(20)} == {"canary"}


@pytest.mark.slow
@pytest.mark.observes("guardrail-alarm", "guardrail-failure-reason")
def test_alarm_during_the_bake_returns_all_traffic_to_the_old_model(guarded):
    alarm = guarded.alarm()
    before, answer = guarded.describe()["EndpointConfigName"], guarded.call()
    with calling(guarded.call) as callers:
        guarded.update(guarded.container("bad"), with_alarms(policy("CANARY", 3600, 50), alarm))
        eventually(lambda: guarded.status() == "Baking")
        guarded.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="test")
        after = guarded.settled()
        seen = callers.take()
        eventually(lambda: callers.take().total())
        callers.take()
        assert {guarded.call() for _ in range(20)} == {answer}
    assert set(seen) == {answer, "bad"}
    assert set(callers.take()) == {answer}
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == before
    assert alarm in after["FailureReason"]
    assert "PendingDeploymentSummary" not in after


@pytest.mark.slow
@pytest.mark.observes("guardrail-all-at-once")
def test_alarm_during_the_termination_wait_of_one_step_returns_to_the_old_model(guarded):
    alarm = guarded.alarm()
    answer = guarded.call()
    config = with_alarms(policy("ALL_AT_ONCE", 0, termination=3600), alarm)
    guarded.update(guarded.container("bad"), config)
    eventually(lambda: guarded.status() == "Baking")
    assert {guarded.call() for _ in range(10)} == {"bad"}
    guarded.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="test")
    assert alarm in guarded.settled()["FailureReason"]
    assert guarded.call() == answer


@pytest.mark.slow
@pytest.mark.observes("guardrail-retain")
def test_update_that_retains_the_last_configuration_bakes_again(guarded):
    config = policy("ALL_AT_ONCE", 0, termination=1)
    guarded.update(guarded.container("first"), config)
    assert guarded.settled()["LastDeploymentConfig"] == config
    name = guarded.account.create_config(guarded.container("second"))
    guarded.account.sagemaker.update_endpoint(
        EndpointName=guarded.name, EndpointConfigName=name, RetainDeploymentConfig=True
    )
    eventually(lambda: guarded.status() == "Baking")
    assert guarded.settled()["LastDeploymentConfig"] == config
    assert guarded.call() == "second"


def refused(guarded, config):
    name = guarded.account.create_config(guarded.container("never"))
    update = guarded.account.sagemaker.update_endpoint
    return refusal(
        update, EndpointName=guarded.name, EndpointConfigName=name, DeploymentConfig=config
    )


@pytest.mark.observes("not-rolling")
def test_rolling_update_is_refused_by_name(guarded):
    batch = {"Type": "CAPACITY_PERCENT", "Value": 50}
    rolling = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 0}}
    code, message = refused(guarded, rolling)
    assert (code, "RollingUpdatePolicy" in message) == ("ValidationException", True)


def test_alarm_that_does_not_exist_is_refused_at_the_request(guarded):
    code, message = refused(guarded, with_alarms(policy("CANARY", 0, 10), "no-such-alarm"))
    assert (code, "no-such-alarm" in message) == ("ValidationException", True)


def test_update_in_stages_needs_the_variants_of_the_endpoint(guarded):
    model = guarded.account.create_config(guarded.container("other"))
    variant = {
        "VariantName": "Other",
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker = guarded.account.sagemaker
    sagemaker.create_endpoint_config(EndpointConfigName=f"{model}-o", ProductionVariants=[variant])
    code, message = refusal(
        sagemaker.update_endpoint,
        EndpointName=guarded.name,
        EndpointConfigName=f"{model}-o",
        DeploymentConfig=policy("CANARY", 0, 10),
    )
    assert (code, "AllTraffic" in message, "Other" in message) == (
        "ValidationException",
        True,
        True,
    )


@pytest.mark.observes("guardrail-role")
def test_role_of_the_model_must_be_able_to_describe_the_alarms(guarded):
    alarm = guarded.alarm()
    role, guarded.account.role = (
        guarded.account.role,
        guarded.account.create_role("sagemaker.amazonaws.com"),
    )
    try:
        code, message = refused(guarded, with_alarms(policy("CANARY", 0, 10), alarm))
    finally:
        guarded.account.role = role
    assert (code, "cannot describe the alarms" in message) == ("ValidationException", True)
