"""Functions, policies, tags, and limits, through boto3."""

import base64
import hashlib
import json
import urllib.error
import urllib.request

import boto3
import pytest

from local_aws.tests.account import eventually, refusal, unique
from local_aws.tests.awslambda.functions import ECHO, VERSION, zipped, zipped_version


@pytest.mark.observes("lambda-states")
def test_new_function_is_pending_then_active_and_described_as_requested(lambdas):
    data = zipped({"app.py": ECHO})
    request = lambdas.request(
        ECHO,
        Code={"ZipFile": data},
        Description="a description",
        Timeout=10,
        MemorySize=256,
        Environment={"Variables": {"KEY": "value"}},
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024},
        Tags={"team": "one"},
    )
    created = lambdas.client.create_function(**request)
    assert (created["State"], created["StateReasonCode"]) == ("Pending", "Creating")
    name = request["FunctionName"]
    lambdas.client.get_waiter("function_active_v2").wait(FunctionName=name)
    response = lambdas.client.get_function(FunctionName=name)
    configuration = response["Configuration"]
    members = request.keys() - {"Code", "Tags"}
    assert {key: configuration[key] for key in members} == {key: request[key] for key in members}
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")
    assert "StateReason" not in configuration
    assert configuration["CodeSize"] == len(data)
    assert configuration["CodeSha256"] == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert response["Tags"] == {"team": "one"}


def download(response):
    """Return the zip at the address in a response of GetFunction, which needs no signature."""
    with urllib.request.urlopen(response["Code"]["Location"]) as answer:  # noqa: S310
        return answer.read()


@pytest.mark.observes("lambda-code-location")
def test_code_of_each_version_is_at_the_address_in_get_function_until_it_is_deleted(lambdas):
    client, old, new = lambdas.client, zipped({"app.py": ECHO}), zipped_version("new")
    name = lambdas.create(Code={"ZipFile": old}, Publish=True)
    client.update_function_code(FunctionName=name, ZipFile=new)
    lambdas.wait_until_updated(name)
    latest = client.get_function(FunctionName=name)
    assert download(latest) == new
    assert download(client.get_function(FunctionName=name, Qualifier="1")) == old
    client.delete_function(FunctionName=name)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        eventually(lambda: not download(latest))


@pytest.mark.observes("lambda-defaults")
def test_function_with_few_members_has_the_defaults_of_aws(lambdas):
    request = lambdas.request(ECHO)
    for member in ("Timeout", "Architectures"):
        del request[member]
    lambdas.client.create_function(**request)
    described = lambdas.client.get_function_configuration(FunctionName=request["FunctionName"])
    defaults = {"Timeout": 3, "MemorySize": 128, "Version": "$LATEST"}
    assert defaults.items() <= described.items()
    assert described["TracingConfig"] == {"Mode": "PassThrough"}
    assert described["LoggingConfig"]["LogGroup"] == f"/aws/lambda/{request['FunctionName']}"
    assert not {"Environment", "VpcConfig"} & described.keys()


def test_function_from_a_zip_in_s3_runs_and_one_without_an_object_is_refused(lambdas, account):
    uri = account.upload("code.zip", zipped_version("from S3"))
    place = {"S3Bucket": account.bucket, "S3Key": uri.rpartition("/")[2]}
    assert lambdas.invoke(lambdas.create(Code=place)).payload == "from S3"
    missing = lambdas.request(ECHO, Code=place | {"S3Key": "nothing"})
    code, message = refusal(lambdas.client.create_function, **missing)
    assert code == "InvalidParameterValueException"
    assert "S3 Error Code: NoSuchKey" in message


@pytest.mark.observes("lambda-code-region")
def test_zip_in_a_bucket_of_another_region_is_refused_as_on_aws(lambdas):
    bucket, place = unique("elsewhere"), {"LocationConstraint": "eu-west-1"}
    there = boto3.client(
        "s3",
        endpoint_url=lambdas.aws.url,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    there.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    there.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"app.py": ECHO}))
    place = {"S3Bucket": bucket, "S3Key": "code.zip"}
    code, message = refusal(lambdas.client.create_function, **lambdas.request(ECHO, Code=place))
    assert code == "InvalidParameterValueException"
    assert "PermanentRedirect. S3 Error Message: The bucket is in this region: eu-west-1" in message


def test_name_in_use_is_a_conflict(lambdas):
    name = lambdas.create()
    response = refusal(lambdas.client.create_function, **lambdas.request(ECHO, FunctionName=name))
    assert response == ("ResourceConflictException", f"Function already exist: {name}")


def test_name_of_one_letter_is_valid(lambdas):
    name = lambdas.create(FunctionName="f")
    assert lambdas.invoke(name, 1).payload == 1
    lambdas.client.delete_function(FunctionName=name)


def test_next_call_runs_the_updated_code_and_old_processes_end(lambdas):
    name = lambdas.create(VERSION.format("old"))
    assert lambdas.invoke(name).payload == "old"
    (old,) = lambdas.processes(name)
    response = lambdas.client.update_function_code(FunctionName=name, ZipFile=zipped_version("new"))
    assert response["LastUpdateStatus"] == "InProgress"
    lambdas.client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert lambdas.invoke(name).payload == "new"
    assert eventually(lambda: not old.is_running())


def test_next_call_has_the_updated_configuration(lambdas):
    source = "import os\ndef handler(event, context):\n    return os.environ.get('KEY')\n"
    name = lambdas.create(source, Environment={"Variables": {"KEY": "old"}})
    assert lambdas.invoke(name).payload == "old"
    lambdas.client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"KEY": "new"}}, Description="changed"
    )
    updated = lambdas.wait_until_updated(name)
    assert (updated["Description"], updated["MemorySize"]) == ("changed", 128)
    assert lambdas.invoke(name).payload == "new"
    lambdas.client.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    assert "Environment" not in lambdas.wait_until_updated(name)
    assert lambdas.invoke(name).payload is None


@pytest.mark.observes("lambda-revision")
def test_update_with_an_older_revision_is_refused(lambdas):
    name = lambdas.create()
    code, _ = refusal(
        lambdas.client.update_function_configuration,
        FunctionName=name,
        Description="late",
        RevisionId="00000000-0000-0000-0000-000000000000",
    )
    assert code == "PreconditionFailedException"
    current = lambdas.client.get_function_configuration(FunctionName=name)["RevisionId"]
    lambdas.client.update_function_configuration(
        FunctionName=name, Description="in time", RevisionId=current
    )
    assert lambdas.wait_until_updated(name)["RevisionId"] != current


@pytest.mark.observes("lambda-corrupt-code")
def test_update_with_a_corrupt_zip_leaves_the_function_unchanged(lambdas):
    name = lambdas.create(VERSION.format("old"))
    data = bytearray(zipped_version("new" * 1000))
    data[60] ^= 0xFF  # in the compressed bytes; the directory stays valid
    before = lambdas.client.get_function_configuration(FunctionName=name)["CodeSha256"]
    lambdas.client.update_function_code(FunctionName=name, ZipFile=bytes(data))
    updated = lambdas.wait_until_updated(name)
    assert updated["LastUpdateStatus"] == "Failed"
    assert "Could not unzip uploaded file" in updated["LastUpdateStatusReason"]
    assert updated["CodeSha256"] == before
    assert lambdas.invoke(name).payload == "old"


@pytest.mark.observes("lambda-corrupt-code")
def test_new_function_with_a_corrupt_zip_fails(lambdas):
    data = bytearray(zipped_version("new" * 1000))
    data[60] ^= 0xFF
    request = lambdas.request(ECHO, Code={"ZipFile": bytes(data)})
    name = lambdas.client.create_function(**request)["FunctionName"]

    def look():
        configuration = lambdas.client.get_function_configuration(FunctionName=name)
        return configuration if configuration["State"] != "Pending" else None

    assert eventually(look)["State"] == "Failed"
    code, message = refusal(lambdas.client.invoke, FunctionName=name)
    assert (code, message[-6:]) == ("ResourceConflictException", "Failed")


def test_permissions_are_added_to_the_policy_and_removed(lambdas):
    name = lambdas.create()
    client = lambdas.client
    permission = {
        "FunctionName": name,
        "StatementId": "api",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/predict",
    }
    statement = json.loads(client.add_permission(**permission)["Statement"])
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": permission["SourceArn"]}}
    policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
    assert policy["Statement"] == [statement]
    assert refusal(client.add_permission, **permission)[0] == "ResourceConflictException"
    client.remove_permission(FunctionName=name, StatementId="api")
    assert refusal(client.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"


def test_deletion_removes_the_function_its_tags_and_its_processes(lambdas):
    name = lambdas.create(Tags={"a": "b"})
    lambdas.invoke(name)
    (process,) = lambdas.processes(name)
    lambdas.client.delete_function(FunctionName=name)
    assert refusal(lambdas.client.get_function, FunctionName=name)[0] == "ResourceNotFoundException"
    assert eventually(lambda: not process.is_running())
    lambdas.create(FunctionName=name)
    assert "Tags" not in lambdas.client.get_function(FunctionName=name)


def test_pending_function_is_deleted(lambdas):
    request = lambdas.request(
        ECHO, Code={"ZipFile": zipped({"app.py": ECHO, "more": bytes(10**8)})}
    )
    lambdas.client.create_function(**request)
    lambdas.client.delete_function(FunctionName=request["FunctionName"])
    code, _ = refusal(lambdas.client.invoke, FunctionName=request["FunctionName"])
    assert code == "ResourceNotFoundException"
    assert lambdas.invoke(lambdas.create(FunctionName=request["FunctionName"]), 1).payload == 1


@pytest.mark.slow
@pytest.mark.observes("lambda-states")
def test_pending_function_cannot_be_called_or_changed(lambdas):
    files = {"app.py": ECHO} | {f"file{n}": bytes(2 * 10**6) for n in range(100)}
    request = lambdas.request(ECHO, Code={"ZipFile": zipped(files)})
    name = lambdas.client.create_function(**request)["FunctionName"]
    for call in (lambdas.client.invoke, lambdas.client.publish_version):
        code, message = refusal(call, FunctionName=name)
        assert code == "ResourceConflictException"
        assert "Pending" in message
    change = lambdas.client.update_function_configuration
    code, message = refusal(change, FunctionName=name, Description="new")
    assert (code, "in progress for resource" in message) == ("ResourceConflictException", True)


def test_tags_are_added_listed_and_removed(lambdas):
    name = lambdas.create()
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    lambdas.client.tag_resource(Resource=arn, Tags={"one": "1", "two": "2"})
    lambdas.client.untag_resource(Resource=arn, TagKeys=["one"])
    assert lambdas.client.list_tags(Resource=arn)["Tags"] == {"two": "2"}


def test_functions_are_listed_in_pages_and_may_be_deleted_page_by_page(lambdas):
    prefix, listed = unique("page"), list[str]()
    names = {lambdas.create(FunctionName=f"{prefix}-{letter}") for letter in "abc"}
    for page in lambdas.client.get_paginator("list_functions").paginate(
        PaginationConfig={"PageSize": 1}
    ):
        for name in (function["FunctionName"] for function in page["Functions"]):
            listed.append(name)
            if name in names:
                lambdas.client.delete_function(FunctionName=name)
    assert names <= set(listed)
    assert len(listed) == len(set(listed))


def test_reserved_concurrency_is_stored_within_the_limit_and_removed(lambdas):
    name = lambdas.create()
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    get = lambdas.client.get_function_concurrency
    assert get(FunctionName=name)["ReservedConcurrentExecutions"] == 5
    code, message = refusal(
        lambdas.client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=901
    )
    assert (code, "minimum value of [100]" in message) == ("InvalidParameterValueException", True)
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in get(FunctionName=name)
