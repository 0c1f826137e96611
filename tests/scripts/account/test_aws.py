"""What the seam to AWS decides by itself: where it works, and what is removed already."""

import os

import pytest

from scripts.account.aws import Aws, Call
from scripts.account.container_images import serving_image, training_image


@pytest.fixture
def surroundings(monkeypatch, tmp_path):
    """Take away what the machine itself says of AWS; return the setter of variables."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch.setenv


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_an_address_of_this_machine_is_the_local_aws(surroundings, host):
    surroundings("AWS_ENDPOINT_URL", f"http://{host}:4566")
    assert Aws().is_local


@pytest.mark.parametrize("url", ["", "https://api.sagemaker.eu-west-1.amazonaws.com"])
def test_any_other_address_is_aws_and_asks_before_it_costs_money(surroundings, url):
    surroundings("AWS_ENDPOINT_URL", url)
    assert not Aws().is_local


@pytest.mark.parametrize(
    ("find", "kind", "name"),
    [
        (training_image, "scikit-learn", "sagemaker-scikit-learn:1.9-0-cpu-py3"),
        (training_image, "tensorflow", "tensorflow-training:2.21-cpu-py312"),
        (serving_image, "scikit-learn", "sagemaker-scikit-learn:1.9-0-cpu-py3"),
        (serving_image, "tensorflow-serving", "tensorflow-inference:2.20-cpu-py312"),
    ],
)
def test_images_on_aws_are_those_of_the_region_and_locally_those_of_the_default_one(
    surroundings, find, kind, name
):
    surroundings("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    local = find(Aws("us-east-1"), kind)
    surroundings("AWS_ENDPOINT_URL", "")
    assert local == find(Aws("us-east-1"), kind)
    assert local.endswith(f".dkr.ecr.us-east-1.amazonaws.com/{name}")
    assert find(Aws("eu-west-1"), kind).endswith(f".eu-west-1.amazonaws.com/{name}")


def test_a_region_is_asked_for_then_of_the_environment_then_of_the_settings(surroundings, tmp_path):
    assert Aws().region == "us-east-1"
    (tmp_path / "config").write_text("[default]\nregion = eu-west-3\n")
    assert Aws().region == "eu-west-3"
    surroundings("AWS_DEFAULT_REGION", "eu-west-2")
    assert Aws().region == "eu-west-2"
    surroundings("AWS_REGION", "eu-north-1")
    assert Aws().region == "eu-north-1"
    assert Aws("ap-south-1").region == "ap-south-1"


def test_what_is_not_there_counts_as_removed_and_other_errors_do_not(surroundings, local_aws):
    surroundings("AWS_ENDPOINT_URL", local_aws.url)
    aws = Aws("sa-east-1")
    aws.remove(Call("sagemaker", "delete_model", {"ModelName": "never-made"}))
    with pytest.raises(aws.client("sagemaker").exceptions.ClientError, match="ValidationException"):
        aws.remove(Call("sagemaker", "delete_model", {"ModelName": "not a name"}))


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_proxy_of_the_environment_is_not_asked_for_a_local_aws(monkeypatch, local_aws, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    assert Aws("us-east-1").account_id == "123456789012"
