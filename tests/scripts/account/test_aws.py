"""Access to AWS: the region, the endpoint, the images, and calls that delete."""

import json
import os

import boto3
import pytest
from botocore.exceptions import ProfileNotFound

from local_aws.tests.account import unique
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.container_images import image_address


@pytest.fixture
def set_variable(monkeypatch, tmp_path):
    """Remove the AWS configuration of this machine; return a function that sets variables."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch.setenv


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_address_of_this_machine_is_the_local_aws(set_variable, host):
    set_variable("AWS_ENDPOINT_URL", f"http://{host}:4566")
    assert Aws().is_local


@pytest.mark.parametrize("url", ["", "https://api.sagemaker.eu-west-1.amazonaws.com"])
def test_any_other_address_is_aws(set_variable, url):
    set_variable("AWS_ENDPOINT_URL", url)
    assert not Aws().is_local


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("scikit-learn", "sagemaker-scikit-learn:1.9-0-cpu-py3"),
        ("tensorflow", "tensorflow-training:2.21-cpu-py312"),
        ("tensorflow-serving", "tensorflow-inference:2.20-cpu-py312"),
    ],
)
def test_images_are_those_of_the_region_on_aws_and_of_the_default_region_locally(
    set_variable, kind, name
):
    set_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    local = image_address(Aws("us-east-1"), kind)
    set_variable("AWS_ENDPOINT_URL", "")
    assert local == image_address(Aws("us-east-1"), kind)
    assert local.endswith(f".dkr.ecr.us-east-1.amazonaws.com/{name}")
    assert image_address(Aws("eu-west-1"), kind).endswith(f".eu-west-1.amazonaws.com/{name}")


def test_region_of_the_caller_precedes_the_environment_and_the_configuration(
    set_variable, tmp_path
):
    assert Aws().region == "us-east-1"
    (tmp_path / "config").write_text("[default]\nregion = eu-west-3\n")
    assert Aws().region == "eu-west-3"
    set_variable("AWS_DEFAULT_REGION", "eu-west-2")
    assert Aws().region == "eu-west-2"
    set_variable("AWS_REGION", "eu-north-1")
    assert Aws().region == "eu-north-1"
    assert Aws("ap-south-1").region == "ap-south-1"


def test_missing_resource_counts_as_removed_and_other_errors_are_raised(set_variable, local_aws):
    set_variable("AWS_ENDPOINT_URL", local_aws.url)
    aws = Aws("sa-east-1")
    aws.remove(Call("sagemaker", "delete_model", {"ModelName": "never-made"}))
    with pytest.raises(aws.client("sagemaker").exceptions.ClientError, match="ValidationException"):
        aws.remove(Call("sagemaker", "delete_model", {"ModelName": "not a name"}))


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def access_keys(local_aws):
    """Return the access keys of a new user and of a session of a new role, by the owner's name."""
    root = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "local")
    root |= {"endpoint_url": local_aws.url, "region_name": "us-east-1"}
    iam, sts, name = boto3.client("iam", **root), boto3.client("sts", **root), unique("user")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    session = sts.assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    return {
        f"user/{name}": (key["AccessKeyId"], key["SecretAccessKey"], ""),
        f"assumed-role/{name}/me": tuple(session.values())[:3],
    }


@pytest.mark.slow
def test_keys_of_the_local_iam_sign_and_those_of_aws_are_replaced_by_the_root(
    set_variable, local_aws, tmp_path
):
    set_variable("AWS_ENDPOINT_URL", local_aws.url)
    root = Aws().user_arn
    assert root == "arn:aws:iam::123456789012:root"
    set_variable(KEYS[0], "a-key-alone")
    assert Aws().user_arn == root
    for name, keys in access_keys(local_aws).items():
        for variable, value in zip(KEYS, keys, strict=True):
            set_variable(variable, value)
        assert Aws().user_arn.endswith(f":{name}")
        assert Aws().credentials().secret_key == keys[1]
    lines = (f"{key.lower()} = {value}\n" for key, value in zip(KEYS, keys, strict=True))
    (tmp_path / "credentials").write_text("[work]\n" + "".join(lines))
    for variable in KEYS:
        set_variable(variable, "FQoGZXIvYXdzEBYaD")  # the beginning of real tokens, too
    assert (Aws().user_arn, Aws().credentials().secret_key) == (root, "local")
    assert Aws(profile="work").user_arn.endswith(f":{name}")
    with pytest.raises(ProfileNotFound, match="wrk"):
        Aws(profile="wrk")


def test_address_of_the_profile_that_the_environment_selects_counts_unless_it_is_ignored(
    set_variable, tmp_path
):
    local, other = "http://127.0.0.1:4566", "https://aws.example"
    text = f"[default]\nendpoint_url = {other}\n[profile local]\nendpoint_url = {local}\n"
    (tmp_path / "config").write_text(text)
    assert (Aws().endpoint_url, Aws().is_local) == (other, False)
    set_variable("AWS_PROFILE", "local")
    assert (Aws().endpoint_url, Aws().is_local) == (local, True)
    set_variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert Aws().endpoint_url is None
    set_variable("AWS_ENDPOINT_URL", local)
    assert Aws().is_local


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_local_aws_is_called_without_the_proxy_of_the_environment(monkeypatch, local_aws, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    assert Aws("us-east-1").account_id == "123456789012"


def test_invalid_value_of_the_configuration_is_named(set_variable):
    set_variable("AWS_MAX_ATTEMPTS", "many")
    with pytest.raises(DeploymentError, match=r"invalid value: .*many"):
        Aws("us-east-1").client("s3")
