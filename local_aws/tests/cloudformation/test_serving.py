"""A stack with SageMaker's resources is complete once they serve; a new model reaches all of it."""

import json

from local_aws.tests.cloudformation.stacks import resource

SCRIPT = """

def model_fn(folder):
    return {word!r}

def input_fn(body, content_type):
    return body

def predict_fn(data, model):
    return model

def output_fn(prediction, accept):
    return prediction
"""


def hosting(container, role: str, config: str):
    """Return a model, a configuration under a name of its own, and an endpoint."""
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": 1,
    }
    return {
        "Model": resource(
            "AWS::SageMaker::Model", ExecutionRoleArn=role, PrimaryContainer=container
        ),
        config: resource("AWS::SageMaker::EndpointConfig", ProductionVariants=[variant]),
        "Endpoint": resource(
            "AWS::SageMaker::Endpoint",
            EndpointConfigName={"Fn::GetAtt": [config, "EndpointConfigName"]},
        ),
    }


def test_new_model_of_a_stack_is_served_by_its_endpoint(stacks):
    account = stacks.account
    outputs = {"Outputs": {"Endpoint": {"Value": {"Fn::GetAtt": "Endpoint.EndpointName"}}}}

    def resources(word: str):
        container = account.packed_container(SCRIPT.format(word=word))
        return hosting(container, account.role, "Config")

    name = stacks.create(resources("one"), sections=outputs)
    endpoint = stacks.outputs(name)["Endpoint"]
    before = stacks.physical(name)

    def ask() -> str:
        body = account.runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/plain", Body=b"x"
        )["Body"]
        return body.read().decode()

    assert ask() == "one"  # at once: the stack was not complete before the endpoint was in service
    stacks.update(name, resources("two"), sections=outputs)
    after = stacks.physical(name)
    assert after["Endpoint"] == before["Endpoint"]
    assert after["Model"] != before["Model"] and after["Config"] != before["Config"]
    assert ask() == "two"
    models = account.sagemaker.list_models(NameContains=name)["Models"]
    assert [model["ModelArn"] for model in models] == [after["Model"]]
    stacks.delete(name)
    assert account.sagemaker.list_endpoints(NameContains=name)["Endpoints"] == []


def test_endpoint_that_cannot_serve_fails_its_stack_with_its_reason(stacks):
    account = stacks.account
    container = account.packed_container("raise ValueError('no model here')\n")
    name = stacks.begin(hosting(container, account.role, "Config"))
    stacks.ended(name, "ROLLBACK_COMPLETE")
    reasons = [
        reason
        for logical, status, reason in stacks.events(name)
        if (logical, status) == ("Endpoint", "CREATE_FAILED")
    ]
    assert len(reasons) == 1 and "Failed" in reasons[0], json.dumps(reasons)
    assert account.sagemaker.list_endpoints(NameContains=name)["Endpoints"] == []
    assert account.sagemaker.list_models(NameContains=name)["Models"] == []
