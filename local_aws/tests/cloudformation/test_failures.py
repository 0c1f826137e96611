"""A stack that cannot be made says why, and leaves nothing; one that cannot go says why, too."""

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import TRUST, resource

GROUP = resource("AWS::Logs::LogGroup")


def failed(stacks, broken, ending: str = "ROLLBACK_COMPLETE", **more) -> tuple[str, str]:
    """Create a stack whose second resource fails; return its name and the reason."""
    made = {"Group": GROUP, "Broken": {**broken, "DependsOn": "Group"}}
    name = stacks.begin(made, **more)
    stacks.ended(name, ending)
    reasons = [
        reason
        for logical, status, reason in stacks.events(name)
        if (logical, status) == ("Broken", "CREATE_FAILED")
    ]
    assert len(reasons) == 1, stacks.events(name)
    return name, reasons[0]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (resource("AWS::SQS::Queue"), "does not reproduce the resource type AWS::SQS::Queue"),
        (resource("AWS::S3::Bucket", Color="red"), "#: extraneous key [Color] is not permitted"),
        (resource("AWS::IAM::Role"), "#: required key [AssumeRolePolicyDocument] not found"),
        (resource("AWS::Logs::LogGroup", RetentionInDays="x"), "#/RetentionInDays: 'x' is not"),
        (resource("AWS::Logs::LogGroup", Arn="x"), "#/Arn: is read-only"),
        (resource("AWS::S3::Bucket", WebsiteConfiguration={"IndexDocument": "i"}),
         "does not reproduce WebsiteConfiguration of AWS::S3::Bucket"),
        (resource("AWS::S3::Bucket", BucketName={"Fn::GetAtt": ["Group", "Color"]}),
         "does not support attribute type Color in Fn::GetAtt"),
        (resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST,
                  ManagedPolicyArns=["arn:aws:iam::123456789012:policy/missing"]), "NoSuchEntity"),
    ],
    ids=lambda value: value["Type"] if isinstance(value, dict) else None,
)  # fmt: skip
def test_resource_that_cannot_be_made_fails_its_stack_and_nothing_is_left(stacks, broken, reason):
    roles = len(stacks.account.iam.list_roles()["Roles"])
    name, told = failed(stacks, broken)
    assert reason in told
    assert stacks.physical(name) == {}
    found = stacks.account.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert found == []
    assert len(stacks.account.iam.list_roles()["Roles"]) == roles
    rollbacks = [reason for _, status, reason in stacks.events(name) if status[:10] == "ROLLBACK_I"]
    assert rollbacks == [
        "The following resource(s) failed to create: [Broken]. Rollback requested by user."
    ]


def test_bucket_of_another_s_name_is_not_taken_over(stacks):
    name, told = failed(stacks, resource("AWS::S3::Bucket", BucketName=stacks.account.bucket))
    assert f"'{stacks.account.bucket}' already exists" in told
    stacks.account.s3.head_bucket(Bucket=stacks.account.bucket)
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stacks.update(name, {"Group": GROUP})
    stacks.delete(name)


def test_failed_stack_that_is_not_to_be_rolled_back_keeps_what_was_made(stacks):
    broken = resource("AWS::SQS::Queue")
    name, _ = failed(stacks, broken, "CREATE_FAILED", OnFailure="DO_NOTHING")
    assert stacks.physical(name)["Group"]
    found = stacks.describe(name)
    assert found["StackStatusReason"] == "The following resource(s) failed to create: [Broken]. "
    stacks.delete(name)


def test_failed_stack_that_is_to_be_deleted_is_gone(stacks):
    name = stacks.begin({"Group": GROUP, "Queue": resource("AWS::SQS::Queue")}, OnFailure="DELETE")
    stack_id = next(
        item["StackId"]
        for item in stacks.client.list_stacks()["StackSummaries"]
        if item["StackName"] == name
    )
    stacks.ended(stack_id, "DELETE_COMPLETE")
    with pytest.raises(ClientError, match=f"Stack with id {name} does not exist"):
        stacks.describe(name)


def test_stack_with_a_bucket_that_is_not_empty_cannot_be_deleted_until_it_is(stacks):
    name = stacks.create({"Bucket": resource("AWS::S3::Bucket"), "Group": GROUP})
    bucket = stacks.physical(name)["Bucket"]
    stacks.account.s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    found = stacks.delete(name, "DELETE_FAILED")
    reason = "The following resource(s) failed to delete: [Bucket]. "
    assert found["StackStatusReason"] == reason
    assert "DELETE_FAILED" in {s for logical, s, told in stacks.events(name) if told and logical}
    assert stacks.physical(name) == {"Bucket": bucket}
    stacks.account.s3.delete_object(Bucket=bucket, Key="key")
    stacks.delete(name)


def test_stack_that_cannot_be_deleted_can_leave_the_rest_behind(stacks):
    name = stacks.create({"Bucket": resource("AWS::S3::Bucket")})
    bucket = stacks.physical(name)["Bucket"]
    with pytest.raises(ClientError, match="RetainResources"):
        stacks.client.delete_stack(StackName=name, RetainResources=["Bucket"])
    stacks.account.s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    stack_id = stacks.delete(name, "DELETE_FAILED")["StackId"]
    stacks.client.delete_stack(StackName=name, RetainResources=["Bucket"])
    stacks.ended(stack_id, "DELETE_COMPLETE")
    stacks.account.s3.head_bucket(Bucket=bucket)


def test_resource_that_somebody_deleted_hinders_no_deletion(stacks):
    name = stacks.create({"Bucket": resource("AWS::S3::Bucket"), "Group": GROUP})
    made = stacks.physical(name)
    stacks.account.s3.delete_bucket(Bucket=made["Bucket"])
    stacks.account.logs.delete_log_group(logGroupName=made["Group"])
    stacks.delete(name)


def test_name_of_a_stack_is_taken_while_it_is_there_and_free_once_it_is_gone(stacks):
    name = stacks.create({"Group": GROUP})
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        stacks.begin({"Group": GROUP}, StackName=name)
    stacks.delete(name)
    stacks.create({"Group": GROUP}, StackName=name)


def test_request_that_is_sent_again_with_its_token_is_one_request(stacks):
    name, token = unique("stack"), unique("token")
    stacks.create({"Group": GROUP}, StackName=name, ClientRequestToken=token)
    stacks.begin({"Group": GROUP}, StackName=name, ClientRequestToken=token)


def test_deleting_what_is_not_there_does_nothing(stacks):
    stacks.client.delete_stack(StackName=unique("stack"))
