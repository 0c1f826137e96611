"""A stack that cannot be created or deleted gives the reason, and a rollback leaves nothing."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import REFUSED_BUCKET, TRUST, resource

GROUP = resource("AWS::Logs::LogGroup")


def failed(stacks, broken, status: str = "ROLLBACK_COMPLETE", **options) -> tuple[str, str]:
    """Create a stack whose second resource fails; return its name and the reason."""
    resources = {"Group": GROUP, "Broken": {**broken, "DependsOn": "Group"}}
    name = stacks.start(resources, **options)
    stacks.wait(name, status)
    reasons = [
        reason
        for logical, status, reason in stacks.events(name)
        if (logical, status) == ("Broken", "CREATE_FAILED")
    ]
    assert len(reasons) == 1, stacks.events(name)
    return name, reasons[0]


@pytest.mark.slow
@pytest.mark.observes("stack-rollback", "template-schemas", "not-stack-properties")
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (resource("AWS::S3::Bucket", Color="red"), "'Color' was unexpected"),
        (resource("AWS::IAM::Role"), "#: 'AssumeRolePolicyDocument' is a required property"),
        (resource("AWS::Logs::LogGroup", RetentionInDays="x"), "#/RetentionInDays: 'x' is not"),
        (resource("AWS::Logs::LogGroup", Arn="x"), "#/Arn: is read-only"),
        (REFUSED_BUCKET, "does not reproduce WebsiteConfiguration of AWS::S3::Bucket"),
        (resource("AWS::S3::Bucket", BucketName={"Fn::GetAtt": ["Group", "Color"]}),
         "does not support attribute type Color in Fn::GetAtt"),
        (resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST,
                  ManagedPolicyArns=["arn:aws:iam::123456789012:policy/missing"]), "NoSuchEntity"),
    ],
    ids=lambda value: value["Type"] if isinstance(value, dict) else None,
)  # fmt: skip
def test_resource_that_cannot_be_created_fails_its_stack_and_leaves_nothing(stacks, broken, reason):
    roles = len(stacks.account.iam.list_roles()["Roles"])
    name, message = failed(stacks, broken)
    assert reason in message
    assert stacks.physical(name) == {}
    groups = stacks.account.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert groups == []
    assert len(stacks.account.iam.list_roles()["Roles"]) == roles
    rollbacks = [reason for _, status, reason in stacks.events(name) if status[:10] == "ROLLBACK_I"]
    assert rollbacks == [
        "The following resource(s) failed to create: [Broken]. Rollback requested by user."
    ]


def test_bucket_with_the_name_of_another_bucket_fails(stacks):
    name, message = failed(stacks, resource("AWS::S3::Bucket", BucketName=stacks.account.bucket))
    assert f"'{stacks.account.bucket}' already exists" in message
    stacks.account.s3.head_bucket(Bucket=stacks.account.bucket)
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stacks.update(name, {"Group": GROUP})
    stacks.delete(name)


def test_dashboard_or_bucket_policy_that_exists_fails_and_stays(stacks):
    name = unique("dashboard")
    cloudwatch, s3 = stacks.account.aws.client("cloudwatch"), stacks.account.s3
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    broken = resource("AWS::CloudWatch::Dashboard", DashboardName=name, DashboardBody="{}")
    _, message = failed(stacks, broken)
    assert message == f"Dashboard '{name}' already exists"
    body = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    assert body == '{"widgets": []}'
    bucket = unique("bucket")
    s3.create_bucket(Bucket=bucket)
    policy = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy["Resource"] = f"arn:aws:s3:::{bucket}/*"
    document = {"Version": "2012-10-17", "Statement": [policy]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    other = {**document, "Statement": [{**policy, "Effect": "Deny"}]}
    broken = resource("AWS::S3::BucketPolicy", Bucket=bucket, PolicyDocument=other)
    _, message = failed(stacks, broken)
    assert message == f"The bucket policy already exists on bucket {bucket}."
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == document


@pytest.mark.observes("stack-rollback")
def test_failed_stack_without_rollback_keeps_its_resources(stacks):
    name, _ = failed(stacks, REFUSED_BUCKET, "CREATE_FAILED", OnFailure="DO_NOTHING")
    assert stacks.physical(name)["Group"]
    reason = stacks.describe(name)["StackStatusReason"]
    assert reason == "The following resource(s) failed to create: [Broken]. "
    stacks.delete(name)


def test_failed_stack_with_on_failure_delete_is_deleted(stacks):
    name = stacks.start({"Group": GROUP, "Bucket": REFUSED_BUCKET}, OnFailure="DELETE")
    stack_id = next(
        item["StackId"]
        for item in stacks.client.list_stacks()["StackSummaries"]
        if item["StackName"] == name
    )
    stacks.wait(stack_id, "DELETE_COMPLETE")
    with pytest.raises(ClientError, match=f"Stack with id {name} does not exist"):
        stacks.describe(name)


@pytest.mark.observes("stack-delete-failed")
def test_stack_with_a_bucket_can_be_deleted_only_once_the_bucket_is_empty(stacks):
    name = stacks.create({"Bucket": resource("AWS::S3::Bucket"), "Group": GROUP})
    bucket = stacks.physical(name)["Bucket"]
    stacks.account.s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    stack = stacks.delete(name, "DELETE_FAILED")
    assert stack["StackStatusReason"] == "The following resource(s) failed to delete: [Bucket]. "
    assert "DELETE_FAILED" in {status for _, status, reason in stacks.events(name) if reason}
    assert stacks.physical(name) == {"Bucket": bucket}
    stacks.account.s3.delete_object(Bucket=bucket, Key="key")
    stacks.delete(name)


def test_stack_that_failed_to_delete_can_retain_the_remaining_resources(stacks):
    name = stacks.create({"Bucket": resource("AWS::S3::Bucket")})
    bucket = stacks.physical(name)["Bucket"]
    with pytest.raises(ClientError, match="RetainResources"):
        stacks.client.delete_stack(StackName=name, RetainResources=["Bucket"])
    stacks.account.s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    stack_id = stacks.delete(name, "DELETE_FAILED")["StackId"]
    stacks.client.delete_stack(StackName=name, RetainResources=["Bucket"])
    stacks.wait(stack_id, "DELETE_COMPLETE")
    stacks.account.s3.head_bucket(Bucket=bucket)


def test_resources_deleted_by_hand_do_not_prevent_the_deletion_of_their_stack(stacks):
    name = stacks.create({"Bucket": resource("AWS::S3::Bucket"), "Group": GROUP})
    ids = stacks.physical(name)
    stacks.account.s3.delete_bucket(Bucket=ids["Bucket"])
    stacks.account.logs.delete_log_group(logGroupName=ids["Group"])
    stacks.delete(name)


def test_name_of_a_stack_can_be_used_again_only_after_its_deletion(stacks):
    name = stacks.create({"Group": GROUP})
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        stacks.start({"Group": GROUP}, StackName=name)
    stacks.delete(name)
    stacks.create({"Group": GROUP}, StackName=name)


@pytest.mark.observes("stack-tokens")
def test_create_request_repeated_with_its_token_creates_one_stack(stacks):
    name, token = unique("stack"), unique("token")
    stacks.create({"Group": GROUP}, StackName=name, ClientRequestToken=token)
    first = stacks.describe(name)["StackId"]
    stacks.start({"Group": GROUP}, StackName=name, ClientRequestToken=token)
    assert stacks.ids(name) == [first]


def test_deletion_of_a_missing_stack_does_nothing(stacks):
    name = unique("stack")
    stacks.client.delete_stack(StackName=name)
    assert stacks.ids(name) == []
