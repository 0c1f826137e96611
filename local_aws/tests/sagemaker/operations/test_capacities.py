"""Weights and instance counts of live variants."""

import pytest

from local_aws.tests.account import refusal, unique


@pytest.mark.slow
@pytest.mark.observes("update-weights")
def test_weights_of_live_variants_change_without_new_containers(account):
    echo = account.packed_container(
        "def model_fn(folder):\n    return None\n\ndef input_fn(body, kind):\n    return body\n\n"
        "def predict_fn(data, model):\n    return [1]\n"
    )
    name = unique("endpoint")
    config = account.create_config(echo)
    variant = account.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    model = variant["ProductionVariants"][0]["ModelName"]
    variants = [
        {"VariantName": each, "ModelName": model, "InstanceType": "ml.m5.large",
         "InitialInstanceCount": 1, "InitialVariantWeight": weight}
        for each, weight in (("A", 1.0), ("B", 0.0))
    ]  # fmt: skip
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    account.settled_endpoint(name)

    def update(**wanted):
        changes = [{"VariantName": each, **members} for each, members in wanted.items()]
        return {"EndpointName": name, "DesiredWeightsAndCapacities": changes}

    call = account.sagemaker.update_endpoint_weights_and_capacities
    call(**update(A={"DesiredWeight": 0.0}, B={"DesiredWeight": 2.0}))
    described = account.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    assert [item["CurrentWeight"] for item in described] == [0.0, 2.0]
    invoked = {
        account.runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=b"1")[
            "InvokedProductionVariant"
        ]
        for _ in range(8)
    }
    assert invoked == {"B"}
    assert "do not exist" in refusal(call, **update(C={"DesiredWeight": 1.0}))[1]
    serverless = {"ServerlessUpdateConfig": {"MaxConcurrency": 2}}
    assert "ServerlessUpdateConfig" in refusal(call, **update(A=serverless))[1]
    call(**update(B={"DesiredInstanceCount": 2}))
    described = account.settled_endpoint(name)["ProductionVariants"]
    assert [item["CurrentInstanceCount"] for item in described] == [1, 2]
    assert [item["CurrentWeight"] for item in described] == [0.0, 2.0]
    account.delete_endpoint(name)
