"""Functions, policies, tags and limits, as boto3 sees them."""

import base64
import hashlib
import json

from local_aws.tests.account import eventually
from local_aws.tests.awslambda.functions import ECHO, VERSION, refusal, zipped, zipped_version


def test_function_created_is_pending_then_active_and_described_as_requested(lambdas):
    data = zipped({"app.py": ECHO})
    request = lambdas.request(
        ECHO,
        Code={"ZipFile": data},
        Description="what it is",
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
    answer = lambdas.client.get_function(FunctionName=name)
    found = answer["Configuration"]
    asked = request.keys() - {"Code", "Tags"}
    assert {key: found[key] for key in asked} == {key: request[key] for key in asked}
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Successful")
    assert "StateReason" not in found
    assert found["CodeSize"] == len(data)
    assert found["CodeSha256"] == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert answer["Tags"] == {"team": "one"}


def test_function_of_which_little_is_said_has_the_defaults_of_aws(lambdas):
    request = lambdas.request(ECHO)
    for member in ("Timeout", "Architectures"):
        del request[member]
    lambdas.client.create_function(**request)
    found = lambdas.client.get_function_configuration(FunctionName=request["FunctionName"])
    assert (found["Timeout"], found["MemorySize"], found["Version"]) == (3, 128, "$LATEST")
    assert found["TracingConfig"] == {"Mode": "PassThrough"}
    assert found["LoggingConfig"]["LogGroup"] == f"/aws/lambda/{request['FunctionName']}"
    assert "Environment" not in found
    assert "VpcConfig" not in found


def test_function_of_a_zip_in_s3_runs_and_one_of_no_object_is_refused(lambdas, account):
    uri = account.upload("code.zip", zipped_version("from S3"))
    place = {"S3Bucket": account.bucket, "S3Key": uri.rpartition("/")[2]}
    assert lambdas.invoke(lambdas.create(Code=place)).payload == "from S3"
    missing = lambdas.request(ECHO, Code=place | {"S3Key": "nothing"})
    code, message = refusal(lambdas.client.create_function, **missing)
    assert code == "InvalidParameterValueException"
    assert "S3 Error Code: NoSuchKey" in message


def test_name_that_is_taken_is_a_conflict(lambdas):
    name = lambdas.create()
    answer = refusal(lambdas.client.create_function, **lambdas.request(ECHO, FunctionName=name))
    assert answer == ("ResourceConflictException", f"Function already exist: {name}")


def test_name_of_one_letter_is_one(lambdas):
    name = lambdas.create(FunctionName="f")
    assert lambdas.invoke(name, 1).payload == 1
    lambdas.client.delete_function(FunctionName=name)


def test_code_updated_is_what_the_next_call_runs_and_old_processes_end(lambdas):
    name = lambdas.create(VERSION.format("old"))
    assert lambdas.invoke(name).payload == "old"
    (old,) = lambdas.processes(name)
    answer = lambdas.client.update_function_code(FunctionName=name, ZipFile=zipped_version("new"))
    assert answer["LastUpdateStatus"] == "InProgress"
    lambdas.client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert lambdas.invoke(name).payload == "new"
    assert eventually(lambda: not old.is_running())


def test_configuration_updated_is_what_the_next_call_runs_under(lambdas):
    source = "import os\ndef handler(event, context):\n    return os.environ.get('KEY')\n"
    name = lambdas.create(source, Environment={"Variables": {"KEY": "old"}})
    assert lambdas.invoke(name).payload == "old"
    lambdas.client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"KEY": "new"}}, Description="changed"
    )
    found = lambdas.updated(name)
    assert (found["Description"], found["MemorySize"]) == ("changed", 128)
    assert lambdas.invoke(name).payload == "new"
    lambdas.client.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    assert "Environment" not in lambdas.updated(name)
    assert lambdas.invoke(name).payload is None


def test_update_that_says_an_older_revision_is_refused(lambdas):
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
    assert lambdas.updated(name)["RevisionId"] != current


def test_code_that_is_broken_within_leaves_the_function_as_it_was(lambdas):
    name = lambdas.create(VERSION.format("old"))
    data = bytearray(zipped_version("new" * 1000))
    data[60] ^= 0xFF  # within the compressed bytes: the directory is in order
    before = lambdas.client.get_function_configuration(FunctionName=name)["CodeSha256"]
    lambdas.client.update_function_code(FunctionName=name, ZipFile=bytes(data))
    found = lambdas.updated(name)
    assert found["LastUpdateStatus"] == "Failed"
    assert "Could not unzip uploaded file" in found["LastUpdateStatusReason"]
    assert found["CodeSha256"] == before
    assert lambdas.invoke(name).payload == "old"


def test_new_function_of_code_that_is_broken_within_is_failed(lambdas):
    data = bytearray(zipped_version("new" * 1000))
    data[60] ^= 0xFF
    request = lambdas.request(ECHO, Code={"ZipFile": bytes(data)})
    name = lambdas.client.create_function(**request)["FunctionName"]

    def look():
        found = lambdas.client.get_function_configuration(FunctionName=name)
        return found if found["State"] != "Pending" else None

    assert eventually(look)["State"] == "Failed"
    code, message = refusal(lambdas.client.invoke, FunctionName=name)
    assert (code, message[-6:]) == ("ResourceConflictException", "Failed")


def test_policy_has_the_permissions_added_and_not_those_removed(lambdas):
    name = lambdas.create()
    client = lambdas.client
    asked = {
        "FunctionName": name,
        "StatementId": "api",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/predict",
    }
    statement = json.loads(client.add_permission(**asked)["Statement"])
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": asked["SourceArn"]}}
    policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
    assert policy["Statement"] == [statement]
    assert refusal(client.add_permission, **asked)[0] == "ResourceConflictException"
    client.remove_permission(FunctionName=name, StatementId="api")
    assert refusal(client.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"


def test_delete_forgets_the_function_its_tags_and_its_processes(lambdas):
    name = lambdas.create(Tags={"a": "b"})
    lambdas.invoke(name)
    (process,) = lambdas.processes(name)
    lambdas.client.delete_function(FunctionName=name)
    assert refusal(lambdas.client.get_function, FunctionName=name)[0] == "ResourceNotFoundException"
    assert eventually(lambda: not process.is_running())
    lambdas.create(FunctionName=name)
    assert "Tags" not in lambdas.client.get_function(FunctionName=name)


def test_function_deleted_while_it_is_pending_is_gone(lambdas):
    request = lambdas.request(
        ECHO, Code={"ZipFile": zipped({"app.py": ECHO, "more": bytes(10**8)})}
    )
    lambdas.client.create_function(**request)
    lambdas.client.delete_function(FunctionName=request["FunctionName"])
    code, _ = refusal(lambdas.client.invoke, FunctionName=request["FunctionName"])
    assert code == "ResourceNotFoundException"
    assert lambdas.invoke(lambdas.create(FunctionName=request["FunctionName"]), 1).payload == 1


def test_function_that_is_pending_cannot_be_called_or_changed(lambdas):
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


def test_tags_are_added_listed_and_taken_away(lambdas):
    name = lambdas.create()
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    lambdas.client.tag_resource(Resource=arn, Tags={"one": "1", "two": "2"})
    lambdas.client.untag_resource(Resource=arn, TagKeys=["one"])
    assert lambdas.client.list_tags(Resource=arn)["Tags"] == {"two": "2"}


def test_functions_are_listed_page_by_page(lambdas):
    names = {lambdas.create() for _ in range(3)}
    pages = lambdas.client.get_paginator("list_functions").paginate(
        PaginationConfig={"PageSize": 1}
    )
    found = [function["FunctionName"] for page in pages for function in page["Functions"]]
    assert names <= set(found)
    assert len(found) == len(set(found))


def test_account_settings_count_functions_and_reservations(lambdas):
    before = lambdas.client.get_account_settings()
    name = lambdas.create()
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    after = lambdas.client.get_account_settings()
    assert after["AccountUsage"]["FunctionCount"] == before["AccountUsage"]["FunctionCount"] + 1
    unreserved = "UnreservedConcurrentExecutions"
    assert after["AccountLimit"][unreserved] == before["AccountLimit"][unreserved] - 5
    get = lambdas.client.get_function_concurrency
    assert get(FunctionName=name)["ReservedConcurrentExecutions"] == 5
    code, message = refusal(
        lambdas.client.put_function_concurrency,
        FunctionName=name,
        ReservedConcurrentExecutions=901,
    )
    assert (code, "minimum value of [100]" in message) == ("InvalidParameterValueException", True)
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in get(FunctionName=name)
