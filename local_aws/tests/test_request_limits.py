"""SageMaker's limits on hyperparameters and variables: the maximum is accepted, more is refused."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, unique

TOGETHER = 32 * 1024


def create_job(account: Account, **changes: Any) -> None:
    account.sagemaker.create_training_job(**account.job_request({"train.py": ""}, **changes))


@pytest.mark.observes("cap-hyperparameters")
def test_job_with_100_hyperparameters_is_accepted_and_one_with_101_is_refused(account):
    hyperparameters = {f"p{number}": "1" for number in range(100)}
    create_job(account, HyperParameters=hyperparameters)
    with pytest.raises(ClientError, match=r"ValidationException.*hyperParameters.*equal to 100"):
        create_job(account, HyperParameters=hyperparameters | {"more": "1"})


@pytest.mark.observes("cap-hyperparameter-length")
def test_hyperparameter_of_2500_characters_is_accepted_and_a_longer_one_is_refused(account):
    create_job(account, HyperParameters={"text": "x" * 2500})
    with pytest.raises(ClientError, match=r"ValidationException.*hyperParameters\.text.*2500"):
        create_job(account, HyperParameters={"text": "x" * 2501})


@pytest.mark.observes("cap-job-variable-length")
def test_job_variable_of_512_characters_is_accepted_and_a_longer_one_is_refused(account):
    create_job(account, Environment={"TEXT": "x" * 512})
    with pytest.raises(ClientError, match=r"ValidationException.*environment\.TEXT.*512"):
        create_job(account, Environment={"TEXT": "x" * 513})


def create_model(account: Account, *variables: dict[str, str]) -> None:
    """Create a model whose containers have exactly these variables."""
    containers = [account.packed_container("") | {"Environment": item} for item in variables]
    account.sagemaker.create_model(ModelName=unique("model"), Containers=containers)


@pytest.mark.observes("cap-variable-length")
def test_container_variable_of_1024_characters_is_accepted_and_a_longer_one_is_refused(account):
    create_model(account, {"TEXT": "x" * 1024})
    with pytest.raises(ClientError, match=r"ValidationException.*environment\.TEXT.*1024"):
        create_model(account, {"TEXT": "x" * 1025})


def variables_of(size: int) -> dict[str, str]:
    """Return variables whose names and values have a total size in bytes."""
    whole, rest = divmod(size, 1024)
    variables = {f"V{number:03}": "x" * 1020 for number in range(whole)}
    return variables | ({"REST": "x" * (rest - 4)} if rest else {})


@pytest.mark.observes("cap-variables-together")
def test_variables_of_all_containers_may_have_32_kilobytes_and_no_more(account):
    half = variables_of(TOGETHER // 2)
    create_model(account, half, half)
    with pytest.raises(ClientError, match=r"ValidationException.*32774 bytes.*maximum is 32768"):
        create_model(account, half, half, {"MORE": "é"})


@pytest.mark.observes("cap-variables-together")
def test_variables_of_one_container_may_have_32_kilobytes_and_no_more(account):
    create_model(account, variables_of(TOGETHER))
    with pytest.raises(ClientError, match=r"ValidationException.*maximum is 32768"):
        create_model(account, variables_of(TOGETHER + 10))


@pytest.mark.observes("cap-variables-together")
def test_variables_of_the_containers_of_a_model_package_count(account):
    group = unique("group")
    account.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    half = account.packed_container("") | {"Environment": variables_of(TOGETHER // 2 + 10)}
    package = account.sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [half, half],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    with pytest.raises(ClientError, match=r"ValidationException.*maximum is 32768"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer={"ModelPackageName": package}
        )
