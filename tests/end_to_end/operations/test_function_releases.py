"""A guarded release of a function moves calls in shares; an alarm returns the old version."""

import threading
import time
from functools import partial

import pytest

from local_aws.testing import running_local_aws
from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.releases.callers import calling
from tests.documents import arguments_of, marked_commands, run_aws
from tests.end_to_end.functions.lambda_release import (
    NAMED,
    RECIPE,
    REGION,
    STACK,
    make_lambda_release,
)
from tests.end_to_end.operations.faulty_models import deploy_slow_function, register_function_model
from tests.end_to_end.operations.recorded_calls import RecordedCalls

pytestmark = pytest.mark.slow
PAGE, THIS = "docs/how-to/operate.md", "tests/end_to_end/operations/test_function_releases.py"
GUARDED, SET_OFF = marked_commands(PAGE, THIS)
CLIENTS = 8
PERIOD = 1.0  # seconds of a minute of this local AWS
TO_LAMBDA = (*NAMED, "--target", "lambda", "--smoke-seconds", "0")


@pytest.fixture(scope="module")
def release():
    """Release a function in a local AWS whose minutes last one second."""
    with running_local_aws("--metric-period", "1") as aws:
        release = make_lambda_release(aws)
        limits = ("--rate", "10000", "--burst", "10000")
        assert release.scripts.run("deploy", *TO_LAMBDA, *limits).code == 0
        yield release


def alias_of(release):
    client = release.scripts.client("lambda")
    return client.get_alias(FunctionName=release.deploy["function_name"], Name="live")


def alarm_of(release, logical_id):
    """Return an alarm of the stack with its state, and the time of its last change."""
    stack = release.scripts.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId=logical_id
    )
    name = stack["StackResourceDetail"]["PhysicalResourceId"]
    described = release.scripts.client("cloudwatch").describe_alarms(AlarmNames=[name])
    (alarm,) = described["MetricAlarms"]
    return alarm


def recorded(release, slow=float("inf")):
    """Return calls of the API with their statuses; one that takes as long as that is "slow"."""
    body = {"text": "the monster"}

    def call():
        start = time.monotonic()
        status, _ = release.call("POST", "/predict", body)
        return status if time.monotonic() - start < slow else "slow"

    return RecordedCalls(call, 200)


def no_alarm_is_on(release):
    watching = ("ErrorsAlarm", "DurationAlarm", "FaultsAlarm")
    return all(alarm_of(release, each)["StateValue"] != "ALARM" for each in watching)


def deploy_under_load(release, *flags, deploy=None, calls=None):
    """Deploy during calls; return the ended command, and the calls."""
    eventually(lambda: no_alarm_is_on(release))
    calls, deploy = calls or recorded(release), deploy or partial(release.scripts.run, "deploy")
    with calling(calls, CLIENTS) as callers:
        eventually(lambda: callers.last)
        ended = deploy(*TO_LAMBDA, *flags)
        after = callers.take()
        eventually(lambda: callers.take().total())
    assert after
    return ended, calls


def test_command_of_the_guide_moves_the_calls_to_the_newest_approved_package(release):
    """It is the first test, since others approve packages with faults."""
    flags = (*NAMED, "--set", "alpha=0.01", "--no-report", "--approve")
    package = release.scripts.run("train", *flags).result["model_package_arn"]
    before = alias_of(release)["FunctionVersion"]
    eventually(lambda: no_alarm_is_on(release))
    assert release.scripts.run(*arguments_of(GUARDED)).result["model_package_arn"] == package
    assert int(alias_of(release)["FunctionVersion"]) > int(before)


@pytest.mark.parametrize(("percent", "most"), [("10", 0.12), ("50", 0.52)])
def test_alarm_returns_a_broken_version_and_the_command_names_it(release, percent, most):
    before = alias_of(release)["FunctionVersion"]
    model = f"no model {percent}".encode()
    package = register_function_model(release, RECIPE, f"broken {percent}", model)
    flags = ("--canary", percent, "--bake", "30", "--package", package)
    ended, calls = deploy_under_load(release, *flags)
    assert ended.code == 1, ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert f"{STACK}-5xx" in last, last
    assert last.endswith(". It serves the previous release.")
    alias = alias_of(release)
    assert alias["FunctionVersion"] == before
    assert not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    seen = calls.between_failures()
    failed = sum(status != 200 for status in seen)
    assert 0 < failed <= most * len(seen) + 1, (failed, len(seen))
    first, last = calls.failures()
    assert last - first <= 3 * PERIOD
    assert [status for _, status in sorted(calls.made)[-20:]] == [200] * 20


@pytest.mark.parametrize("share", [("--canary", "10"), ("--linear", "50")])
def test_good_release_of_a_function_fails_no_call(release, share):
    arn, memory = release.train["model_package_arn"], {"--canary": "640", "--linear": "704"}
    # The rollback of an earlier test moved the alias, and this makes the stack agree with it.
    assert release.scripts.run("deploy", *TO_LAMBDA, "--memory", "576", "--package", arn).code == 0
    before = alias_of(release)["FunctionVersion"]
    flags = (*share, "--bake", "2", "--package", arn, "--memory", memory[share[0]])
    ended, calls = deploy_under_load(release, *flags)
    assert ended.code == 0, ended.stderr
    percent = f"{share[1]}% of the calls go to version {int(before) + 1}"
    assert ended.stderr.count(f"Function {release.deploy['function_name']}: {percent}\n") == 1
    assert {status for _, status in calls.made} == {200}
    assert int(alias_of(release)["FunctionVersion"]) > int(before)
    assert release.scripts.run("rollback", *NAMED, "--target", "lambda").code == 0
    assert int(alias_of(release)["FunctionVersion"]) >= int(before)


def test_alarm_returns_a_slow_version_of_which_nobody_has_asked_anything(release, tmp_path):
    package = ("--package", release.train["model_package_arn"])
    # The rollback of an earlier test moved the alias, and this makes the stack agree with it.
    assert release.scripts.run("deploy", *TO_LAMBDA, *package, "--memory", "832").code == 0
    before, flags = alias_of(release), (*package, "--canary", "10", "--bake", "30")
    deploy = partial(deploy_slow_function, release, tmp_path)
    ended, calls = deploy_under_load(
        release, *flags, deploy=deploy, calls=recorded(release, slow=2)
    )
    assert ended.returncode == 1, ended.stderr
    assert f"{STACK}-DurationAlarm-" in ended.stderr.splitlines()[-1]
    after = alias_of(release)
    assert after["FunctionVersion"] == before["FunctionVersion"]
    assert not after.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    seen = calls.between_failures()
    assert set(seen) == {200, "slow"}
    assert seen.count("slow") < len(seen) / 3


def test_package_that_an_alarm_returned_can_be_released_again(release):
    cloudwatch, name = release.scripts.client("cloudwatch"), "night"
    watched = {"Namespace": "none", "MetricName": "none", "Statistic": "Sum", "Period": 60}
    limits = {"EvaluationPeriods": 1, "Threshold": 1, "TreatMissingData": "ignore"}
    operator = {"ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName=name, **watched, **limits, **operator)
    # The rollback of an earlier test moved the alias, and this makes the stack agree with it.
    assert release.scripts.run("deploy", *TO_LAMBDA, "--memory", "896").code == 0
    before = alias_of(release)["FunctionVersion"]
    package = ("--package", release.train["model_package_arn"], "--memory", "768")
    flags = (*package, "--canary", "10", "--alarm", name, "--bake")

    def trip():
        eventually(lambda: alias_of(release).get("RoutingConfig", {}))
        for command in (("rollback", *NAMED, "--target", "lambda"), ("deploy", *TO_LAMBDA)):
            meanwhile.append(release.scripts.run(*command))
        run_aws(release.scripts.client, SET_OFF.replace("NAME", name))

    meanwhile = []
    night = threading.Thread(target=trip)
    night.start()
    ended = release.scripts.run("deploy", *TO_LAMBDA, *flags, "30")
    night.join()
    assert ended.code == 1
    assert name in ended.stderr.splitlines()[-1]
    rollback, second = (each.error for each in meanwhile)
    assert f" from version {before} to " in rollback
    assert second.startswith(f"the stack {STACK} is UPDATE_IN_PROGRESS. Wait until that ends. ")
    errors = alarm_of(release, "ErrorsAlarm")["AlarmName"]
    for refused in (rollback, second):
        assert f"set-alarm-state --region {REGION} --alarm-name {errors} --state-value" in refused
    assert alias_of(release)["FunctionVersion"] == before
    refused = release.scripts.run("deploy", *TO_LAMBDA, *flags, "1")
    assert refused.error.startswith(f"the alarm {name} is in the state ALARM")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="test")
    again = release.scripts.run("deploy", *TO_LAMBDA, *flags, "1")
    assert again.code == 0, again.stderr
    assert int(alias_of(release)["FunctionVersion"]) > int(before)


def test_flags_that_codedeploy_does_not_have_are_refused(release):
    for flags, message in (
        (("--bake", "1"), "--bake needs --canary or --linear for a function"),
        (("--canary", "10", "--bake", "0.5"), "--bake 0.5: CodeDeploy moves calls after whole"),
        (("--canary", "10", "--alarm", "a", "b"), "--alarm a b: expected one alarm"),
        (("--canary", "10", "--alarm", "missing"), "there is no alarm missing in region"),
    ):
        assert release.scripts.run("deploy", *TO_LAMBDA, *flags).error.startswith(message)


def test_alarm_on_errors_counts_the_calls_of_a_canary_and_while_it_is_on_none_begins(release):
    """It is the last test, since the function keeps a version that cannot start."""
    client = release.scripts.client("lambda")
    names = {"FunctionName": release.deploy["function_name"]}
    # The rollback of an earlier test moved the alias, and this makes the stack agree with it.
    package = ("--package", release.train["model_package_arn"])
    assert release.scripts.run("deploy", *TO_LAMBDA, *package).code == 0
    eventually(lambda: alarm_of(release, "ErrorsAlarm")["StateValue"] == "OK")
    before = alarm_of(release, "ErrorsAlarm")
    client.update_function_configuration(**names, Handler="missing.handler")
    for _ in range(3):
        assert "FunctionError" in client.invoke(**names, Qualifier="$LATEST", Payload=b"{}")
        time.sleep(PERIOD)
    assert alarm_of(release, "ErrorsAlarm") == before
    broken = client.publish_version(**names)["Version"]
    shares = {"AdditionalVersionWeights": {broken: 0.5}}
    client.update_alias(**names, Name="live", RoutingConfig=shares)
    calls = recorded(release)
    with calling(calls, 2):
        eventually(lambda: alarm_of(release, "ErrorsAlarm")["StateValue"] == "ALARM")
        refused = release.scripts.run("deploy", *TO_LAMBDA, *package, "--canary", "10", "--dry-run")
    name = before["AlarmName"]
    assert refused.error.startswith("the alarm ")
    assert name in refused.error.partition(" is in the state ALARM")[0]
