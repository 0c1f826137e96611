"""Each resource type really makes what its properties say, changes it, and takes it away."""

import json

import pytest

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import TRUST, resource

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def test_bucket_gets_every_property(stacks):
    s3 = stacks.account.s3
    bucket = resource(
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
    name = stacks.create({"Bucket": bucket})
    made = stacks.physical(name)["Bucket"]
    assert s3.get_bucket_versioning(Bucket=made)["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket=made)["PublicAccessBlockConfiguration"]
    assert (access["BlockPublicAcls"], access["BlockPublicPolicy"]) == (True, True)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=made)["Rules"]
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3}
    assert rules[1]["Expiration"] == {"Days": 5}
    assert rules[1]["Filter"] == {"Prefix": "x/"}
    assert s3.get_bucket_tagging(Bucket=made)["TagSet"] == [{"Key": "a", "Value": "b"}]
    (owner,) = s3.get_bucket_ownership_controls(Bucket=made)["OwnershipControls"]["Rules"]
    assert owner == {"ObjectOwnership": "BucketOwnerEnforced"}
    encryption = s3.get_bucket_encryption(Bucket=made)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "AES256"
    }
    stacks.update(name, {"Bucket": resource("AWS::S3::Bucket")})
    assert stacks.physical(name) == {"Bucket": made}
    assert s3.get_bucket_versioning(Bucket=made)["Status"] == "Suspended"
    for operation, code in [
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
        (s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
    ]:
        with pytest.raises(s3.exceptions.ClientError, match=code):
            operation(Bucket=made)


def test_policy_of_a_bucket_comes_changes_and_goes(stacks):
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


def test_role_and_its_policies_come_change_and_go(stacks):
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
    apart = resource(
        "AWS::IAM::Policy", PolicyName="apart", PolicyDocument=ALLOW, Roles=[{"Ref": "Role"}]
    )
    name = stacks.create({**managed, "Apart": apart, "Role": role(["a", "b"], ["One"])})
    made = stacks.physical(name)
    found = iam.list_role_policies(RoleName=made["Role"])["PolicyNames"]
    assert sorted(found) == ["a", "apart", "b"]
    stacks.update(
        name, {**managed, "Role": role(["b"], ["Two"], Description="d", MaxSessionDuration=7200)}
    )
    assert stacks.physical(name)["Role"] == made["Role"]
    assert iam.list_role_policies(RoleName=made["Role"])["PolicyNames"] == ["b"]
    attached = iam.list_attached_role_policies(RoleName=made["Role"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [made["Two"]]
    described = iam.get_role(RoleName=made["Role"])["Role"]
    assert (described["Description"], described["MaxSessionDuration"]) == ("d", 7200)
    changed = {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Action": "s3:PutObject"}]}
    managed["Two"] = resource("AWS::IAM::ManagedPolicy", PolicyDocument=changed)
    stacks.update(name, {**managed, "Role": role(["b"], ["Two"])})
    version = iam.get_policy(PolicyArn=made["Two"])["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=made["Two"], VersionId=version)["PolicyVersion"]
    assert document["Document"]["Statement"][0]["Action"] == "s3:PutObject"
    stacks.delete(name)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_policy(PolicyArn=made["Two"])


def test_alarm_is_kept_as_the_template_says(stacks):
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
    watch = stacks.account.aws.client("cloudwatch")
    made = stacks.physical(name)["Alarm"]
    (found,) = watch.describe_alarms(AlarmNames=[made])["MetricAlarms"]
    assert {key: found.get(key) for key in properties} == properties
    stacks.update(
        name, {"Alarm": resource("AWS::CloudWatch::Alarm", **{**properties, "Threshold": 1})}
    )
    (found,) = watch.describe_alarms(AlarmNames=[made])["MetricAlarms"]
    assert found["Threshold"] == 1
    stacks.delete(name)
    assert watch.describe_alarms(AlarmNames=[made])["MetricAlarms"] == []


def test_parameter_is_kept_as_the_template_says(stacks):
    ssm, given = stacks.account.aws.client("ssm"), unique("/of/stack")

    def parameter(value: str):
        return {"P": resource("AWS::SSM::Parameter", Name=given, Type="String", Value=value)}

    outputs = {"Outputs": {"Value": {"Value": {"Fn::GetAtt": "P.Value"}}}}
    name = stacks.create(parameter("one"), sections=outputs)
    assert ssm.get_parameter(Name=given)["Parameter"]["Value"] == "one"
    stacks.update(name, parameter("two"), sections=outputs)
    assert ssm.get_parameter(Name=given)["Parameter"]["Value"] == "two"
    assert stacks.outputs(name) == {"Value": "two"}
    stacks.delete(name)
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=given)
