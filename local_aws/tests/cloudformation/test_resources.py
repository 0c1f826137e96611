"""Each resource type is created with its properties, changed, and deleted."""

import json

import pytest

from local_aws.tests.account import refusal
from local_aws.tests.cloudformation.stacks import TRUST, resource

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def test_bucket_has_every_property(stacks):
    s3 = stacks.account.s3
    complete = resource(
        "AWS::S3::Bucket",
        VersioningConfiguration={"Status": "Enabled"},
        PublicAccessBlockConfiguration={"BlockPublicAcls": "true", "BlockPublicPolicy": True},
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        LifecycleConfiguration={
            "Rules": [
                {
                    "Id": "old",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
                },
                {"Id": "gone", "Status": "Enabled", "Prefix": "x/", "ExpirationInDays": 5},
            ]
        },
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        Tags=[{"Key": "a", "Value": "b"}],
    )  # fmt: skip
    name = stacks.create({"Bucket": complete})
    bucket = stacks.physical(name)["Bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert (access["BlockPublicAcls"], access["BlockPublicPolicy"]) == (True, True)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3}
    assert rules[1]["Expiration"] == {"Days": 5}
    assert rules[1]["Filter"] == {"Prefix": "x/"}
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    (owner,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner == {"ObjectOwnership": "BucketOwnerEnforced"}
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "AES256"
    }
    stacks.update(name, {"Bucket": resource("AWS::S3::Bucket")})
    assert stacks.physical(name) == {"Bucket": bucket}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    for operation, code in [
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
        (s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
    ]:
        with pytest.raises(s3.exceptions.ClientError, match=code):
            operation(Bucket=bucket)


def test_bucket_policy_is_created_changed_and_deleted(stacks):
    def policy(action: str):
        statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
        return {
            "Bucket": resource("AWS::S3::Bucket"),
            "Policy": resource(
                "AWS::S3::BucketPolicy",
                Bucket={"Ref": "Bucket"},
                PolicyDocument={"Version": "2012-10-17", "Statement": [statement]},
            ),
        }

    name = stacks.create(policy("s3:PutObject"))
    stacks.update(name, policy("s3:DeleteObject"))
    bucket = stacks.physical(name)["Bucket"]
    document = json.loads(stacks.account.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert document["Statement"][0]["Action"] == "s3:DeleteObject"
    stacks.update(name, {"Bucket": resource("AWS::S3::Bucket")})
    with pytest.raises(stacks.account.s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        stacks.account.s3.get_bucket_policy(Bucket=bucket)


@pytest.mark.observes("bucket-policy-conditions", "bucket-policy-tls")
def test_bucket_policy_with_conditions_denies_what_it_denies_on_aws(stacks):
    def deny(action: str, condition: dict):
        return {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": action,
            "Resource": [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/*"}],
            "Condition": condition,
        }

    old_tls = {"NumericLessThan": {"s3:TlsVersion": 1.2}}  # with the next one, CDK's enforceSSL
    not_encrypted = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    statements = [
        deny("s3:*", {"Bool": {"aws:SecureTransport": "false"}}),
        deny("s3:*", old_tls),
        deny("s3:PutObject", not_encrypted),
        deny("s3:*", {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}),
    ]
    name = stacks.create(
        {
            "Bucket": resource("AWS::S3::Bucket"),
            "Policy": resource(
                "AWS::S3::BucketPolicy",
                Bucket={"Ref": "Bucket"},
                PolicyDocument={"Version": "2012-10-17", "Statement": statements},
            ),
        }
    )
    s3, stored = stacks.account.s3, {"Bucket": stacks.physical(name)["Bucket"], "Key": "key"}
    assert refusal(s3.put_object, **stored)[0] == "AccessDenied"
    s3.put_object(**stored, ServerSideEncryption="AES256")
    assert s3.get_object(**stored)["ServerSideEncryption"] == "AES256"
    s3.delete_object(**stored)
    stacks.delete(name)


@pytest.mark.slow
def test_role_and_its_policies_are_created_changed_and_deleted(stacks):
    iam = stacks.account.iam

    def role(inline: list[str], attached: list[str], **more):
        return resource(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument=TRUST,
            Policies=[{"PolicyName": name, "PolicyDocument": ALLOW} for name in inline],
            ManagedPolicyArns=[{"Ref": name} for name in attached],
            **more,
        )

    managed = {
        name: resource("AWS::IAM::ManagedPolicy", PolicyDocument=ALLOW) for name in ("One", "Two")
    }
    separate = resource(
        "AWS::IAM::Policy", PolicyName="c", PolicyDocument=ALLOW, Roles=[{"Ref": "Role"}]
    )
    name = stacks.create({**managed, "Policy": separate, "Role": role(["a", "b"], ["One"])})
    ids = stacks.physical(name)
    names = iam.list_role_policies(RoleName=ids["Role"])["PolicyNames"]
    assert sorted(names) == ["a", "b", "c"]
    stacks.update(
        name, {**managed, "Role": role(["b"], ["Two"], Description="d", MaxSessionDuration=7200)}
    )
    assert stacks.physical(name)["Role"] == ids["Role"]
    assert iam.list_role_policies(RoleName=ids["Role"])["PolicyNames"] == ["b"]
    attached = iam.list_attached_role_policies(RoleName=ids["Role"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [ids["Two"]]
    described = iam.get_role(RoleName=ids["Role"])["Role"]
    assert (described["Description"], described["MaxSessionDuration"]) == ("d", 7200)
    changed = {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Action": "s3:PutObject"}]}
    managed["Two"] = resource("AWS::IAM::ManagedPolicy", PolicyDocument=changed)
    stacks.update(name, {**managed, "Role": role(["b"], ["Two"])})
    version = iam.get_policy(PolicyArn=ids["Two"])["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=ids["Two"], VersionId=version)["PolicyVersion"]
    assert document["Document"]["Statement"][0]["Action"] == "s3:PutObject"
    stacks.delete(name)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_policy(PolicyArn=ids["Two"])


def test_alarm_has_every_property(stacks):
    properties = {
        "AlarmDescription": "d",
        "Namespace": "AWS/Lambda",
        "MetricName": "Duration",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "ExtendedStatistic": "p99",
        "Period": 300,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 1,
        "Threshold": 2000,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    name = stacks.create({"Alarm": resource("AWS::CloudWatch::Alarm", **properties)})
    cloudwatch = stacks.account.aws.client("cloudwatch")
    alarm = stacks.physical(name)["Alarm"]
    (described,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert {key: described.get(key) for key in properties} == properties
    stacks.update(
        name, {"Alarm": resource("AWS::CloudWatch::Alarm", **{**properties, "Threshold": 1})}
    )
    (described,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert described["Threshold"] == 1
    stacks.delete(name)
    assert cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"] == []
