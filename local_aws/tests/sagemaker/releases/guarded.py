"""Guarded updates of an endpoint, for tests: configurations, alarms, callers."""

import json
from typing import Any

from local_aws.tests.account import Account, unique
from local_aws.tests.stages import ECHO, invoke, stage


def policy(kind: str, wait: int, percent: int | None = None, termination: int = 0) -> Any:
    """Return a DeploymentConfig without alarms."""
    routing: dict[str, Any] = {"Type": kind, "WaitIntervalInSeconds": wait}
    if percent is not None:
        member = "CanarySize" if kind == "CANARY" else "LinearStepSize"
        routing[member] = {"Type": "CAPACITY_PERCENT", "Value": percent}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": termination,
        }
    }


def with_alarms(config: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a DeploymentConfig with alarms."""
    alarms = [{"AlarmName": name} for name in names]
    return config | {"AutoRollbackConfiguration": {"Alarms": alarms}}


class Guarded:
    """An endpoint whose model answers with a word, and its updates."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.cloudwatch = account.aws.client("cloudwatch")
        self.name = account.deploy(self.container("old"))

    def container(self, name: str, script: str = ECHO) -> dict[str, Any]:
        """Return a container that answers with the name of its stage."""
        return stage(self.account, name, script)

    def allow_alarms(self) -> None:
        """Let the role of the models describe alarms."""
        statement = {"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"}
        self.account.iam.put_role_policy(
            RoleName=self.account.role.rpartition("/")[2],
            PolicyName="alarms",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def alarm(self, **changes: Any) -> str:
        """Create an alarm on the errors of the endpoint; return its name."""
        name = unique("alarm")
        request = {
            "AlarmName": name,
            "Namespace": "AWS/SageMaker",
            "MetricName": "InvocationModelErrors",
            "Dimensions": [
                {"Name": "EndpointName", "Value": self.name},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0.01,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        }
        self.cloudwatch.put_metric_alarm(**request | changes)
        return name

    def update(self, container: dict[str, Any], config: Any, **options: Any) -> str:
        """Begin an update; return the name of its endpoint configuration."""
        name = self.account.create_config(container)
        self.account.sagemaker.update_endpoint(
            EndpointName=self.name, EndpointConfigName=name, DeploymentConfig=config, **options
        )
        return name

    def describe(self) -> dict[str, Any]:
        """Return the description of the endpoint."""
        return dict(self.account.sagemaker.describe_endpoint(EndpointName=self.name))

    def settled(self) -> dict[str, Any]:
        """Return the description after the update."""
        return self.account.settled_endpoint(self.name)

    def status(self) -> str:
        """Return the VariantStatus of the deployment in progress, or nothing."""
        pending = self.describe().get("PendingDeploymentSummary", {"ProductionVariants": []})
        for variant in pending["ProductionVariants"]:
            return str(variant["VariantStatus"][0]["Status"])
        return ""

    def state(self, alarm: str) -> str:
        """Return the state of an alarm."""
        (described,) = self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        return str(described["StateValue"])

    def call(self) -> str:
        """Call the endpoint; return the stage that answered."""
        return str(invoke(self.account, self.name)["stage"])
