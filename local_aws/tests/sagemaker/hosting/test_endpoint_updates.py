"""Updates of an endpoint: what they keep, and who answers until the new containers are healthy."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.stages import MISSING_IMPORT, gated_stage, invoke, processes_of, stage


def update(account: Account, endpoint: str, *containers: dict[str, Any]) -> str:
    config = account.create_config(*containers)
    account.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    return config


@pytest.mark.slow
def test_update_that_retains_variant_properties_keeps_count_and_weight(account):
    name = account.deploy(stage(account))
    config = account.create_config(stage(account, "new"))
    described = account.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    (variant,) = described["ProductionVariants"]
    variants = [variant | {"InitialInstanceCount": 2, "InitialVariantWeight": 3.0}]
    two = unique("config")
    account.sagemaker.create_endpoint_config(EndpointConfigName=two, ProductionVariants=variants)
    for retain, count, weight in ((True, 1, 1.0), (False, 2, 3.0)):
        account.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=two, RetainAllVariantProperties=retain
        )
        endpoint = account.settled_endpoint(name)
        (live,) = endpoint["ProductionVariants"]
        assert (live["DesiredInstanceCount"], live["DesiredWeight"]) == (count, weight)
        assert endpoint["EndpointConfigName"] == two
    account.delete_endpoint(name)


@pytest.mark.slow
def test_update_serves_from_the_old_containers_until_the_new_ones_are_healthy(account):
    name = account.deploy(stage(account, "old"))
    before = {process.pid for process in processes_of(name)}
    gated, gate = gated_stage(account)
    config = update(account, name, gated)
    eventually(lambda: {process.pid for process in processes_of(name)} - before)
    assert invoke(account, name)["stage"] == "old"
    description = account.sagemaker.describe_endpoint(EndpointName=name)
    assert description["EndpointStatus"] == "Updating"
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint"):
        account.sagemaker.delete_endpoint(EndpointName=name)
    account.upload(gate, "open")
    assert account.settled_endpoint(name)["EndpointConfigName"] == config
    assert invoke(account, name, "[[1]]", ContentType="application/json") == "new"
    account.delete_endpoint(name)


@pytest.mark.slow
def test_endpoint_keeps_its_old_containers_after_a_failed_update(account):
    name = account.deploy(stage(account, "old"))
    before = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    update(account, name, account.packed_container(MISSING_IMPORT))
    description = account.settled_endpoint(name)
    assert description["EndpointStatus"] == "InService"
    assert "No module named 'moto'" in description["FailureReason"]
    assert description["EndpointConfigName"] == before
    assert invoke(account, name)["stage"] == "old"
    account.delete_endpoint(name)


@pytest.mark.slow
def test_failed_endpoint_rejects_updates_and_can_be_deleted(account):
    name = account.start_endpoint(account.packed_container(MISSING_IMPORT))
    assert account.settled_endpoint(name)["EndpointStatus"] == "Failed"
    with pytest.raises(ClientError, match=r"ValidationException.*Failed"):
        update(account, name, stage(account))
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        invoke(account, name)
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []
