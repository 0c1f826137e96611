"""The alarms of an endpoint, which guard its releases by default, and `delete` deletes."""

import pytest

from scripts.account.naming import watch_stack_name


@pytest.mark.slow
def test_watch_creates_alarms_that_status_shows_and_guarded_releases_have(small):
    name = small.deploy["endpoint_name"]
    result = small.scripts.run("watch", "--latency", "1500").result
    try:
        assert result["stack_name"] == watch_stack_name(name)
        kinds = ("5xx", "model-errors", "4xx", "latency")
        assert result["alarms"] == [f"{result['stack_name']}-{kind}" for kind in kinds]
        described = small.scripts.client("cloudwatch").describe_alarms(AlarmNames=result["alarms"])
        alarms = {alarm["MetricName"]: alarm for alarm in described["MetricAlarms"]}
        assert alarms["ModelLatency"]["Threshold"] == 1_500_000
        for alarm in alarms.values():
            values = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
            assert values == {"EndpointName": name, "VariantName": "AllTraffic"}
        shown = small.scripts.run("status", "--json").result["deployments"]
        (states,) = [each["alarms"] for each in shown if each["name"] == name]
        assert set(states) == set(result["alarms"])
        assert small.scripts.run("watch").result == result  # keeps the latency
        cloudwatch = small.scripts.client("cloudwatch")
        (kept,) = cloudwatch.describe_alarms(AlarmNames=result["alarms"][-1:])["MetricAlarms"]
        assert kept["Threshold"] == 1_500_000
        planned = small.scripts.run("deploy", "--bake", "10", "--dry-run").result["calls"]
        (update,) = [each for each in planned if each["operation"] == "update_endpoint"]
        config = update["parameters"]["DeploymentConfig"]
        names = [alarm["AlarmName"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]]
        assert names == result["alarms"]
        assert config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 600
        calls = small.scripts.run("delete", "--dry-run").result["calls"]
        stacks = [each["parameters"] for each in calls if each["operation"] == "delete_stack"]
        assert {"StackName": result["stack_name"]} in stacks
    finally:
        delete_stack(small, result["stack_name"])


def delete_stack(small, name):
    client = small.scripts.client("cloudformation")
    client.delete_stack(StackName=name)
    waiter = client.get_waiter("stack_delete_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})


@pytest.mark.slow
def test_watch_can_be_repeated_after_its_stack_could_not_be_created(small):
    stack = watch_stack_name(small.deploy["endpoint_name"])
    cloudwatch, alarm = small.scripts.client("cloudwatch"), f"{stack}-5xx"
    metric = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60}
    limits = {"EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName=alarm, **metric, **limits)
    try:
        error = small.scripts.run("watch").error
    finally:
        cloudwatch.delete_alarms(AlarmNames=[alarm])
    assert error.startswith(f"the stack {stack} could not be created: FaultsAlarm: {alarm} already")
    assert alarm in small.scripts.run("watch").result["alarms"]
    delete_stack(small, stack)


def test_watch_of_a_missing_endpoint_is_refused(small):
    error = small.scripts.run("watch", "--endpoint-name", "none").error
    assert error == (
        "there is no endpoint none in region eu-central-1 to watch. See those of all environments "
        "with: python -m scripts status"
    )


def test_status_of_a_missing_environment_names_those_that_exist(small):
    error = small.scripts.run("status", "--stack", "stagnig").error
    assert error.startswith("there is no environment 'stagnig' in account")
    assert "found " in error


def test_delete_of_a_missing_environment_names_those_that_exist(small):
    for flags in ((), ("--foundation",), ("--dry-run",)):
        error = small.scripts.run("delete", "--stack", "stagnig", *flags).error
        assert error.startswith("there is no environment 'stagnig' in account")
        assert "newsgroup-classifier" in error.partition("; found ")[2]


def test_guarded_release_under_a_missing_alarm_is_refused(small):
    error = small.scripts.run("deploy", "--bake", "1", "--alarm", "no-such-alarm").error
    assert error.startswith("there is no alarm no-such-alarm in region eu-central-1. List them")


def test_bake_alone_is_refused_for_a_function(small):
    flags = ("--recipe", "spooky-ngrams", "--target", "lambda", "--bake", "1")
    error = small.scripts.run("deploy", *flags).error
    assert error.startswith("--bake needs --canary or --linear for a function: CodeDeploy")
