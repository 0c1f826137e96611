"""Releases of functions by CodeDeploy: alias weights, alarms, and the rollback of the stack."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.apigateway.http_apis import function
from local_aws.tests.cloudformation.stacks import Stacks, resource
from local_aws.tests.sagemaker.releases.callers import calling

SOURCE = "def handler(event, context):\n    return {!r}\n"
BROKEN = "def handler(event, context):\n    raise ValueError('asked to fail')\n"
PERIOD = 1.0  # seconds of a minute of the quick local AWS
ROLLBACK = {
    "AutoRollbackConfiguration": {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
    }
}


def release(source, config, version, **group):
    """Return a function with an alias that CodeDeploy moves, as SAM makes it.

    `group` are properties of the deployment group.
    """
    deployment = {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": {"Ref": "Application"},
            "DeploymentGroupName": {"Ref": "Group"},
        }
    }
    alias = resource(
        "AWS::Lambda::Alias",
        FunctionName={"Ref": "Function"},
        FunctionVersion={"Fn::GetAtt": f"{version}.Version"},
        Name="live",
    )
    return {
        **function(source),
        version: resource("AWS::Lambda::Version", FunctionName={"Ref": "Function"})
        | {"DeletionPolicy": "Retain"},
        "Alias": {**alias, "UpdatePolicy": deployment},
        "Application": resource("AWS::CodeDeploy::Application", ComputePlatform="Lambda"),
        "Alarm": resource(
            "AWS::CloudWatch::Alarm",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[{"Name": "FunctionName", "Value": {"Ref": "Function"}}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        ),
        "Group": resource(
            "AWS::CodeDeploy::DeploymentGroup",
            ApplicationName={"Ref": "Application"},
            DeploymentConfigName=f"CodeDeployDefault.Lambda{config}",
            DeploymentStyle={
                "DeploymentType": "BLUE_GREEN",
                "DeploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            ServiceRoleArn={"Fn::GetAtt": "Role.Arn"},
            AlarmConfiguration={"Enabled": True, "Alarms": [{"Name": {"Ref": "Alarm"}}]},
            **(ROLLBACK | group),
        ),
    }


class Released:
    """A stack with such a function."""

    def __init__(self, account: Account) -> None:
        self.stacks = Stacks(account)
        self.functions = account.aws.client("lambda")
        self.stack = self.stacks.create(release(SOURCE.format("old"), "AllAtOnce", "V1"))
        self.name = self.stacks.physical(self.stack)["Function"]

    def call(self) -> str:
        """Call the alias; return its answer, or the kind of its error."""
        reply = self.functions.invoke(FunctionName=self.name, Qualifier="live")
        return str(reply.get("FunctionError") or json.load(reply["Payload"]))


@pytest.fixture
def released(quick_account) -> Released:
    """Create a function of version 1."""
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    return Released(quick_account)


@pytest.mark.slow
@pytest.mark.observes("codedeploy-shift")
@pytest.mark.parametrize("config", ["Canary10Percent5Minutes", "Linear10PercentEvery1Minute"])
def test_good_release_of_a_function_fails_no_call(released, config):
    new = release(SOURCE.format("new"), config, "V2")
    with calling(released.call, clients=4) as callers:
        released.stacks.update(released.stack, new)
        seen = callers.take()
        eventually(lambda: callers.take().total())
    assert set(seen) == {"old", "new"}
    assert released.call() == "new"


@pytest.mark.slow
@pytest.mark.observes("codedeploy-alarm")
def test_alarm_returns_the_alias_to_its_old_version_and_fails_the_update(released):
    broken = release(BROKEN, "Canary10Percent30Minutes", unique("V").replace("-", ""))
    with calling(released.call, clients=4) as callers:
        stack = released.stacks.update(released.stack, broken, "UPDATE_ROLLBACK_COMPLETE")
        seen = callers.take()
        eventually(lambda: callers.take().total())
        callers.take()
        eventually(lambda: callers.take().total())
    assert set(seen) == {"old", "Unhandled"}
    assert seen["Unhandled"] <= 0.12 * seen.total() + 1
    assert set(callers.take()) <= {"old"}
    reasons = [
        reason for _, status, reason in released.stacks.events(released.stack) if "FAILED" in status
    ]
    assert any("alarms have been activated" in reason for reason in reasons), stack
    alias = released.functions.get_alias(FunctionName=released.name, Name="live")
    assert (alias["FunctionVersion"], "RoutingConfig" in alias) == ("1", False)


@pytest.mark.observes("codedeploy-alarm")
def test_alarm_ends_a_release_whose_group_has_no_rollback_events(released):
    events = {"AutoRollbackConfiguration": {"Enabled": False}}
    new = release(SOURCE.format("new"), "Linear10PercentEvery10Minutes", "V2", **events)
    alarm = released.stacks.physical(released.stack)["Alarm"]
    cloudwatch = released.stacks.account.aws.client("cloudwatch")

    def alias():
        return released.functions.get_alias(FunctionName=released.name, Name="live")

    with ThreadPoolExecutor(1) as pool:
        update = pool.submit(
            released.stacks.update, released.stack, new, "UPDATE_ROLLBACK_COMPLETE"
        )
        eventually(lambda: "RoutingConfig" in alias())
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="by hand")
        update.result()
    assert (alias()["FunctionVersion"], "RoutingConfig" in alias()) == ("1", False)


@pytest.mark.observes("codedeploy-shift")
def test_groups_of_two_applications_may_have_one_name(released):
    stacks, named = released.stacks, {"DeploymentGroupName": unique("group")}
    shifting = stacks.create(
        release(SOURCE.format("old"), "Canary10Percent5Minutes", "V1", **named)
    )
    other = stacks.create(release(SOURCE.format("other"), "AllAtOnce", "V1", **named))
    stacks.delete(other)
    new = release(SOURCE.format("new"), "Canary10Percent5Minutes", "V2", **named)
    with ThreadPoolExecutor(1) as pool:
        update = pool.submit(stacks.update, shifting, new)
        name = stacks.physical(shifting)["Function"]
        eventually(
            lambda: "RoutingConfig" in released.functions.get_alias(FunctionName=name, Name="live")
        )
        update.result()


@pytest.mark.observes("codedeploy-shift")
def test_config_that_codedeploy_lacks_and_the_name_of_an_existing_one_are_refused(released):
    config = resource(
        "AWS::CodeDeploy::DeploymentConfig",
        DeploymentConfigName=unique("config"),
        ComputePlatform="Lambda",
        TrafficRoutingConfig={"Type": "AllAtOnce"},
    )
    stacks = released.stacks
    stacks.create({"Config": config})
    stacks.wait(stacks.start({"Config": config}), "ROLLBACK_COMPLETE")
    using = resource(
        "AWS::CodeDeploy::DeploymentGroup",
        ApplicationName="any",
        ServiceRoleArn="arn:aws:iam::123456789012:role/any",
    )
    for name, status in (
        (config["Properties"]["DeploymentConfigName"], "CREATE_COMPLETE"),
        ("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", "CREATE_COMPLETE"),
        ("CodeDeployDefault.LambdaCanary10Percent15Minutes", "CREATE_COMPLETE"),
        ("CodeDeployDefault.LambdaCanary20Percent7Minutes", "ROLLBACK_COMPLETE"),
        ("CodeDeployDefault.LambdaLinear10PercentEvery5Minutes", "ROLLBACK_COMPLETE"),
    ):
        properties = {**using["Properties"], "DeploymentConfigName": name}
        stacks.wait(stacks.start({"Group": {**using, "Properties": properties}}), status)


@pytest.mark.observes("codedeploy-shift")
def test_update_policy_of_another_resource_is_refused_by_name(quick_account):
    topic = resource("AWS::SNS::Topic") | {"UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}}
    with pytest.raises(Exception, match="does not reproduce UpdatePolicy"):
        Stacks(quick_account).start({"Topic": topic})
