"""What the SAM CLI and CDK send and deploy, without these tools."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import resource

GROUP = resource("AWS::Logs::LogGroup")
SAM = "AWS::Serverless-2016-10-31"
# Both tools restrict their buckets to requests with TLS.
TLS_ONLY = {
    "Statement": [
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Principal": "*",
            "Resource": [{"Fn::Sub": "${Bucket.Arn}/*"}, {"Fn::GetAtt": ["Bucket", "Arn"]}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
}


def options(name: str, template: dict, kind: str = "CREATE") -> dict:
    """Return the request of a change set as CDK sends it."""
    return {
        "StackName": name,
        "ChangeSetName": "tool",
        "ChangeSetType": kind,
        "TemplateBody": json.dumps(template),
        "ClientToken": "token-1",
        "ImportExistingResources": True,
        "IncludeNestedStacks": True,
        "DeploymentConfig": {"Mode": "STANDARD", "DisableRollback": True},
    }


@pytest.mark.observes("template-capabilities")
def test_change_set_with_a_macro_needs_no_capability_for_macros(stacks):
    request = options(unique("stack"), {"Transform": SAM, "Resources": {"A": GROUP}})
    first = stacks.client.create_change_set(**request)["Id"]
    assert stacks.client.create_change_set(**request)["Id"] == first  # the same token
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        stacks.client.create_change_set(**{**request, "ClientToken": "token-2"})
    stacks.client.execute_change_set(ChangeSetName=first)
    stacks.wait(request["StackName"], "CREATE_COMPLETE")


@pytest.mark.observes("stack-change-sets")
def test_change_set_carries_whether_a_failure_is_rolled_back(stacks):
    bad = resource("AWS::S3::Bucket", AccessControl="PublicRead")
    request = options(unique("stack"), {"Resources": {"A": bad}})
    arn = stacks.client.create_change_set(**request)["Id"]
    stacks.client.execute_change_set(ChangeSetName=arn)
    assert stacks.wait(request["StackName"], "CREATE_FAILED")["DisableRollback"] is True
    reasons = [event[2] for event in stacks.events(request["StackName"])]
    assert "The local AWS does not reproduce the AccessControl PublicRead." in reasons


def test_express_mode_is_refused_by_name(stacks):
    request = options(unique("stack"), {"Resources": {"A": GROUP}})
    request["DeploymentConfig"] = {"Mode": "EXPRESS"}
    with pytest.raises(ClientError, match="does not reproduce EXPRESS as the DeploymentConfig"):
        stacks.client.create_change_set(**request)


@pytest.mark.observes("not-stack-types")
def test_type_of_a_sam_template_is_refused_when_it_is_validated_and_planned(stacks):
    queue = resource("AWS::SQS::Queue")
    template = {"Transform": SAM, "Resources": {"A": GROUP, "Q": queue}}
    refusal = r"does not reproduce the resource types \[AWS::SQS::Queue\]"
    with pytest.raises(ClientError, match=refusal):
        stacks.client.validate_template(TemplateBody=json.dumps(template))
    with pytest.raises(ClientError, match=refusal):
        stacks.client.create_change_set(**options(unique("stack"), template))


@pytest.mark.observes("stack-stored-types")
def test_bootstrap_resources_are_created_changed_and_deleted(stacks):
    aws, name = stacks.account.aws, unique("boot")
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}
    untagged = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}
    rule = {"rulePriority": 1, "action": {"type": "expire"}, "selection": untagged}

    def resources(version: str, mutability: str) -> dict:
        return {
            "Version": resource(
                "AWS::SSM::Parameter", Name=f"/{name}/version", Type="String", Value=version
            ),
            "Images": resource(
                "AWS::ECR::Repository",
                RepositoryName=name,
                ImageTagMutability=mutability,
                RepositoryPolicyText=policy,
                LifecyclePolicy={"LifecyclePolicyText": json.dumps({"rules": [rule]})},
            ),
            "Bucket": resource("AWS::S3::Bucket", AccessControl="Private"),
            "Policy": resource(
                "AWS::S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument=TLS_ONLY
            ),
            "CDKMetadata": resource("AWS::CDK::Metadata", Analytics="v2:deflate64:x"),
        }

    outputs = {"Outputs": {"Uri": {"Value": {"Fn::GetAtt": ["Images", "RepositoryUri"]}}}}
    stack = stacks.create(resources("21", "MUTABLE"), sections=outputs)
    assert stacks.outputs(stack)["Uri"].endswith(f".dkr.ecr.us-east-1.amazonaws.com/{name}")
    bucket = stacks.physical(stack)["Bucket"]
    aws.client("s3").put_object(Bucket=bucket, Key="k", Body=b"")  # counts as sent with TLS
    aws.client("s3").delete_object(Bucket=bucket, Key="k")
    stacks.update(stack, resources("22", "IMMUTABLE"), sections=outputs)
    ssm, ecr = aws.client("ssm"), aws.client("ecr")
    assert ssm.get_parameter(Name=f"/{name}/version")["Parameter"]["Value"] == "22"
    found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    assert found["imageTagMutability"] == "IMMUTABLE"
    stacks.delete(stack)
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.get_parameter(Name=f"/{name}/version")
    with pytest.raises(ClientError, match="RepositoryNotFound"):
        ecr.describe_repositories(repositoryNames=[name])
