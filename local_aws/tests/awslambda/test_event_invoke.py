"""How often and how long asynchronous calls are retried, by their configuration."""

import pytest
from botocore.exceptions import ClientError

from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually
from local_aws.tests.awslambda.functions import Lambdas

FAILING = "def handler(event, context):\n    print('called')\n    raise ValueError('no')\n"


@pytest.mark.observes("event-invoke-config")
def test_event_invoke_configuration_is_stored_changed_and_deleted(lambdas):
    name, client = lambdas.create(FAILING), lambdas.client
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        client.get_function_event_invoke_config(FunctionName=name)
    put = client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    assert put["FunctionArn"].endswith(f":function:{name}:$LATEST")
    client.put_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60)
    found = client.get_function_event_invoke_config(FunctionName=name)
    assert (found.get("MaximumRetryAttempts"), found["MaximumEventAgeInSeconds"]) == (None, 60)
    destination = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}
    with pytest.raises(ClientError, match=r"DestinationConfig\.OnFailure\.Destination"):
        client.put_function_event_invoke_config(FunctionName=name, DestinationConfig=destination)
    client.delete_function_event_invoke_config(FunctionName=name)
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        client.delete_function_event_invoke_config(FunctionName=name)


@pytest.mark.slow
@pytest.mark.observes("event-invoke-config")
def test_failing_call_is_retried_as_often_as_its_configuration_says():
    with running_local_aws("--function-retry-seconds", "0.2", "0.2") as aws:
        account = Account(aws)
        lambdas = Lambdas(aws, account)
        name, default = lambdas.create(FAILING), lambdas.create(FAILING)
        lambdas.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
        for each in (name, default):
            lambdas.client.invoke(FunctionName=each, InvocationType="Event")

        def calls(each: str) -> int:
            return sum("called" in line for line in account.log(f"/aws/lambda/{each}", "20"))

        eventually(lambda: calls(default) == 3)
        assert calls(name) == 2


@pytest.mark.observes("event-invoke-config")
def test_configuration_of_an_alias_ends_with_the_alias(lambdas):
    name, client = lambdas.create(FAILING), lambdas.client
    alias = {"FunctionName": name, "Name": "live"}
    client.create_alias(**alias, FunctionVersion="$LATEST")
    config = client.put_function_event_invoke_config(
        FunctionName=name, Qualifier="live", MaximumEventAgeInSeconds=90
    )
    assert config["FunctionArn"].endswith(f":function:{name}:live")
    client.delete_alias(**alias)
    client.create_alias(**alias, FunctionVersion="$LATEST")
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        client.get_function_event_invoke_config(FunctionName=name, Qualifier="live")


@pytest.mark.parametrize(
    "members",
    [{}, {"MaximumRetryAttempts": 3}, {"MaximumEventAgeInSeconds": 21_601}],
    ids=["none", "retries", "age"],
)
@pytest.mark.observes("event-invoke-config")
def test_configuration_out_of_range_is_refused(lambdas, members):
    name = lambdas.create(FAILING)
    with pytest.raises(ClientError) as refused:
        lambdas.client.put_function_event_invoke_config(FunctionName=name, **members)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
