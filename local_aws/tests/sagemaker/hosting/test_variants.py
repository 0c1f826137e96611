"""An endpoint of two variants: a request names one, or the weights choose it."""

from typing import Any

import psutil
import pytest

from local_aws.tests.account import Account, unique
from local_aws.tests.stages import invoke, stage


def deploy_variants(account: Account, *members: dict[str, Any]) -> tuple[str, list[str]]:
    """Deploy the stages "blue" and "green" as variants with some members; return all names."""
    models = [account.create_config(stage(account, name)) for name in ("blue", "green")]
    common = {"InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    variants = [
        {"VariantName": model, "ModelName": model, **common, **own}
        for model, own in zip(models, members, strict=True)
    ]
    name = unique("two")
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert account.settled_endpoint(name)["EndpointStatus"] == "InService"
    return name, models


@pytest.mark.slow
def test_target_variant_chooses_among_the_variants_of_an_endpoint(account):
    name, models = deploy_variants(account, {}, {"InitialInstanceCount": 2})
    stages = [invoke(account, name, TargetVariant=model)["stage"] for model in models]
    assert stages == ["blue", "green"]
    # Each instance has its own gunicorn master.
    pids = {invoke(account, name, TargetVariant=models[1])["pid"] for _ in range(64)}
    assert len({psutil.Process(pid).ppid() for pid in pids}) == 2
    account.delete_endpoint(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "low", "high"),
    [
        pytest.param((1, 0), 200, 200, id="only the first", marks=pytest.mark.slow),
        pytest.param((0, 1), 0, 0, id="only the second", marks=pytest.mark.slow),
        pytest.param((3, 1), 110, 190, id="three of four"),
    ],
)
def test_endpoint_distributes_calls_by_the_weights_of_its_variants(account, weights, low, high):
    name, _ = deploy_variants(account, *({"InitialVariantWeight": each} for each in weights))
    stages = [invoke(account, name)["stage"] for _ in range(200)]
    assert low <= stages.count("blue") <= high
    account.delete_endpoint(name)
