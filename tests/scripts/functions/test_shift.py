"""The flags of a guarded release of a function, as parameters of its stack."""

import argparse
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.cloudformation.template import read_template
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.functions.plans import TEMPLATE, stack_parameters
from scripts.functions.versions import announce_release, check_shift, shift_parameters
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.stubbed import stub


def arguments(**flags):
    names = ("canary", "linear", "bake", "alarm")
    return argparse.Namespace(**(dict.fromkeys(names) | flags))


@pytest.mark.slow
@given(
    kind=st.sampled_from(["canary", "linear"]),
    share=st.integers(10, 50),
    bake=st.none() | st.integers(1, 60).map(float),
    alarm=st.none() | st.just(["a-name"]),
)
def test_flags_are_parameters_that_the_template_accepts(kind, share, bake, alarm):
    found = shift_parameters(arguments(**{kind: share}, bake=bake, alarm=alarm))
    declared = read_template(TEMPLATE.read_text("utf-8"))["Parameters"]
    assert found.keys() <= declared.keys()
    assert found["ShiftType"] == f"TimeBased{kind.capitalize()}"
    assert found["ShiftType"] in declared["ShiftType"]["AllowedValues"]
    assert int(found["ShiftPercent"]) == share
    assert int(found["ShiftMinutes"]) == (5 if bake is None else bake)
    assert found["ShiftAlarm"] == ("a-name" if alarm else "")
    named = stack_parameters(replace(PLAN, shift=found))
    assert named | found == named
    assert named["ReleaseSha256"] == stack_parameters(PLAN)["ReleaseSha256"]


def test_release_without_flags_moves_all_calls_at_once():
    assert shift_parameters(arguments()) == {}
    declared = read_template(TEMPLATE.read_text("utf-8"))["Parameters"]
    assert declared["Guarded"]["Default"] == "false"


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"bake": 5.0}, "--bake needs --canary or --linear"),
        ({"alarm": ["a"]}, "--alarm needs --canary or --linear"),
        ({"canary": 10, "bake": 0.5}, "--bake 0.5: CodeDeploy moves calls after whole minutes"),
        ({"linear": 10, "bake": 0.0}, "--bake 0: CodeDeploy"),
        ({"canary": 10, "alarm": ["a", "b"]}, "--alarm a b: expected one alarm"),
    ],
)
def test_flags_that_codedeploy_does_not_have_are_refused(flags, message):
    with pytest.raises(DeploymentError, match=message):
        shift_parameters(arguments(**flags))


def test_first_release_has_no_calls_to_move():
    with pytest.raises(DeploymentError, match="has no calls to move"):
        check_shift(Aws("us-east-1"), {"ShiftAlarm": ""}, "")


ALARM = {"ResourceType": "AWS::CloudWatch::Alarm", "Timestamp": 0, "ResourceStatus": "x"}


def checked(alarm, names, state):
    """Check a guarded release of a stack with alarms in a state."""
    aws, alarms = (
        Aws("us-east-1"),
        ("ErrorsAlarm", "ThrottlesAlarm", "DurationAlarm", "FaultsAlarm"),
    )
    resources = [
        ALARM | {"LogicalResourceId": each, "PhysicalResourceId": f"s-{each}"} for each in alarms
    ]
    if not alarm:
        stub(aws, "cloudformation").add_response(
            "describe_stack_resources", {"StackResources": resources}, {"StackName": "s"}
        )
    found = [{"AlarmName": name, "StateValue": state} for name in names]
    types = ["MetricAlarm", "CompositeAlarm"]  # by default, AWS returns no composite alarms
    expected = {"AlarmNames": names, "AlarmTypes": types, "MaxRecords": len(names)}
    lists = {"MetricAlarms": found[:-1], "CompositeAlarms": found[-1:]}
    stub(aws, "cloudwatch").add_response("describe_alarms", lists, expected)
    check_shift(aws, {"ShiftAlarm": alarm}, "s")


WATCHING = ["s-ErrorsAlarm", "s-DurationAlarm", "s-FaultsAlarm"]


@pytest.mark.parametrize(("alarm", "names"), [("", WATCHING), ("night", ["night"])])
def test_release_is_refused_while_an_alarm_that_would_return_it_is_on(alarm, names):
    for state in ("OK", "INSUFFICIENT_DATA"):
        checked(alarm, names, state)
    with pytest.raises(
        DeploymentError, match=f"^the alarm {', '.join(names)} is in the state ALARM"
    ):
        checked(alarm, names, "ALARM")


def test_command_that_waits_for_a_release_says_once_what_moves_and_how_to_return_it(capsys):
    aws, outputs = Aws("us-east-1"), {"FunctionName": "waits", "FunctionAlias": "arn:waits:live"}
    stack = {"StackName": "s", "CreationTime": 0, "StackStatus": "UPDATE_IN_PROGRESS"}
    stack["Outputs"] = [{"OutputKey": key, "OutputValue": outputs[key]} for key in outputs]
    weights = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}
    formation, function = stub(aws, "cloudformation"), stub(aws, "lambda")
    for _ in range(2):
        formation.add_response("describe_stacks", {"Stacks": [stack]})
        for _ in range(2):
            function.add_response(
                "get_alias", {"FunctionVersion": "1", "RevisionId": "r", **weights}
            )
        resources = [ALARM | {"LogicalResourceId": "ErrorsAlarm", "PhysicalResourceId": "errors"}]
        formation.add_response("describe_stack_resources", {"StackResources": resources})
        announce_release(aws, "s")
    first, second = capsys.readouterr().err.splitlines()
    assert first == "Function waits: 10% of the calls go to version 2"
    assert second.startswith("AWS cannot delete the stack s before this release ends. To stop a ")
    assert "set-alarm-state --region us-east-1 --alarm-name errors " in second
