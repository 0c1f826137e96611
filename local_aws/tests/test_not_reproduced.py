"""Features of real containers and endpoints that the local AWS refuses by name."""

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, unique

SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn"
FRAMEWORKS = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


def refused_model(account: Account, **changes: object) -> str:
    """Create a model that is refused; return the message."""
    container = account.packed_container("") | changes
    with pytest.raises(ClientError) as caught:
        account.sagemaker.create_model(ModelName=unique("model"), PrimaryContainer=container)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


@pytest.mark.observes("not-other-images")
@pytest.mark.parametrize(
    "image",
    [
        *(f"{SCIKIT_LEARN}:{tag}" for tag in ("1.2-1-cpu-py3", "1.4-2-cpu-py3", "1.4-2-py312")),
        f"{FRAMEWORKS}/pytorch-inference:2.6-cpu-py312",
    ],
)
def test_model_of_an_unknown_image_is_refused_with_its_name_and_the_known_images(account, image):
    message = refused_model(account, Image=image)
    assert f"does not know the image {image}" in message
    assert "sagemaker-scikit-learn:1.9-0-cpu-py3" in message


@pytest.mark.observes("not-multi-model")
@pytest.mark.parametrize("value", ["true", "false"])
def test_container_with_a_variable_of_the_multi_model_server_is_refused(account, value):
    message = refused_model(account, Environment={"SAGEMAKER_MULTI_MODEL": value})
    assert "does not reproduce SAGEMAKER_MULTI_MODEL" in message


def test_container_with_an_empty_variable_of_the_multi_model_server_is_accepted(account):
    container = account.packed_container("")
    container["Environment"]["SAGEMAKER_MULTI_MODEL"] = ""
    account.sagemaker.create_model(ModelName=unique("model"), PrimaryContainer=container)


@pytest.mark.observes("not-multi-model")
def test_multi_model_container_is_refused(account):
    assert "does not reproduce MultiModel" in refused_model(account, Mode="MultiModel")
