"""The metrics of endpoints, functions, and HTTP APIs: names, dimensions, and units."""

import itertools
import time

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from local_aws.monitoring.metrics import RECORDER
from local_aws.sagemaker.runtime import Measures
from local_aws.settings import ACCOUNT_ID
from local_aws.tests.account import eventually, unique
from local_aws.tests.apigateway.http_apis import Apis, api, function
from local_aws.tests.awslambda.functions import ECHO, Lambdas
from local_aws.tests.cloudformation.stacks import Stacks
from local_aws.tests.stages import ECHO as STAGE

EMBEDDED = """
import json, time

def handler(event, context):
    metrics = {"Namespace": "own", "Dimensions": [["kind"]], "Metrics": [{"Name": "texts"}]}
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]}
    print(json.dumps({"_aws": metadata, "kind": event["kind"], "texts": 5}))
    if event.get("fail"):
        raise ValueError("asked to fail")
    return event
"""


def measured(config, **containers):
    """Record a call; return its metrics as name -> dimensions -> datum."""
    endpoint, now = unique("endpoint"), time.perf_counter()
    measures = Measures(endpoint, "v", 2, config, now - 1.0, containers, 503)
    measures.record("eu-north-1")
    RECORDER.flush(time.time() + 120)
    data = cloudwatch_backends[ACCOUNT_ID]["eu-north-1"].metric_data
    found = {}
    for datum in data:
        names = {dimension.name: dimension.value for dimension in datum.dimensions}
        if names.get("EndpointName") == endpoint:
            found.setdefault(datum.name, {})[tuple(names)] = datum
    return found


def test_call_of_one_container_is_measured_by_endpoint_and_variant():
    found = measured(None, model=0.25)
    base = ("EndpointName", "VariantName")
    names = {"Invocations", "InvocationsPerInstance", "InvocationModelErrors"}
    errors = {"Invocation4XXErrors", "Invocation5XXErrors"}
    assert found.keys() == names | errors | {"ModelLatency", "OverheadLatency"}
    assert all(list(sets) == [base] for sets in found.values())
    assert found["InvocationsPerInstance"][base].sum == 0.5
    assert found["Invocation5XXErrors"][base].sum == 1
    assert found["Invocation4XXErrors"][base].sum == 0
    latency, overhead = found["ModelLatency"][base], found["OverheadLatency"][base]
    assert (latency.sum, latency.unit) == (250_000, "Microseconds")
    assert overhead.sum >= 750_000


@pytest.mark.observes("metrics-endpoint-config", "metrics-pipeline")
def test_updated_pipeline_is_measured_by_configuration_and_by_container():
    found = measured("new-config", **{"container-1": 0.1, "container-2": 0.3})
    base = ("EndpointName", "VariantName")
    assert set(found["Invocations"]) == {base, (*base, "EndpointConfigName")}
    assert found["ModelLatency"][base].sum == pytest.approx(400_000)
    (datum, *_) = found["ContainerLatency"].values()
    assert list(found["ContainerLatency"]) == [
        (*base, "ContainerName"),
        (*base, "EndpointConfigName", "ContainerName"),
    ]
    assert datum.unit == "Microseconds"


@pytest.mark.slow
@pytest.mark.observes("metrics-pipeline")
def test_containers_of_a_pipeline_are_measured_by_their_host_names(quick_account):
    containers = [quick_account.packed_container(STAGE) for _ in range(2)]
    for container, name in zip(containers, ("first", "second"), strict=True):
        container["ContainerHostname"] = container["Environment"]["STAGE"] = name
    endpoint = quick_account.deploy(*containers)
    request = {"EndpointName": endpoint, "ContentType": "text/plain"}
    quick_account.runtime.invoke_endpoint(**request, Body="hello")
    cloudwatch = quick_account.aws.client("cloudwatch")

    def names():
        dimension = {"Name": "EndpointName", "Value": endpoint}
        query = {"Namespace": "AWS/SageMaker", "MetricName": "ContainerLatency"}
        found = cloudwatch.list_metrics(**query, Dimensions=[dimension])["Metrics"]
        return {each["Value"] for metric in found for each in metric["Dimensions"]}

    eventually(names)
    assert names() == {endpoint, "AllTraffic", "first", "second"}
    quick_account.delete_endpoint(endpoint)


@pytest.fixture(scope="module")
def lambdas(quick_account) -> Lambdas:
    """Use Lambda in a local AWS whose minutes last one second."""
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    return Lambdas(quick_account.aws, quick_account)


def sums(cloudwatch, namespace, **dimensions):
    """Return the sums of all metrics of a namespace with exactly some dimensions."""
    wanted = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    listed = cloudwatch.list_metrics(Namespace=namespace, Dimensions=wanted)["Metrics"]
    names = {item["MetricName"] for item in listed if len(item["Dimensions"]) == len(wanted)}
    now = time.time()
    return {
        name: sum(
            point["Sum"]
            for point in cloudwatch.get_metric_statistics(
                Namespace=namespace,
                MetricName=name,
                Dimensions=wanted,
                StartTime=now - 3600,
                EndTime=now + 3600,
                Period=7200,
                Statistics=["Sum"],
            )["Datapoints"]
        )
        for name in names
    }


@pytest.mark.slow
@pytest.mark.observes("metrics-function", "metrics-embedded")
def test_function_publishes_its_calls_and_the_metrics_in_its_log(lambdas):
    cloudwatch = lambdas.aws.client("cloudwatch")
    kind = unique("kind")
    name = lambdas.create(EMBEDDED)
    client = lambdas.client
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    for qualifier, fails in itertools.product(("$LATEST", "live"), (False, True)):
        payload = f'{{"kind": "{kind}", "fail": {str(fails).lower()}}}'
        client.invoke(FunctionName=name, Qualifier=qualifier, Payload=payload)
    eventually(lambda: sums(cloudwatch, "AWS/Lambda", FunctionName=name).get("Invocations") == 4)
    whole = sums(cloudwatch, "AWS/Lambda", FunctionName=name)
    assert (whole["Errors"], whole["Throttles"]) == (2, 0)
    assert whole["Duration"] > 0
    assert "ConcurrentExecutions" in whole
    alias = {"FunctionName": name, "Resource": f"{name}:live"}
    assert sums(cloudwatch, "AWS/Lambda", **alias)["Invocations"] == 2
    assert sums(cloudwatch, "AWS/Lambda", **alias, ExecutedVersion="1")["Errors"] == 1
    eventually(lambda: sums(cloudwatch, "own", kind=kind) == {"texts": 20})


@pytest.mark.observes("metrics-api")
def test_api_publishes_its_calls_by_stage(lambdas, quick_account):
    apis = Apis(quick_account, Stacks(quick_account))
    api_id = apis.create({**function(ECHO), **api("2.0", "GET /items")})
    for path in ("/items", "/items", "/missing"):
        apis.call(api_id, path)
    cloudwatch = quick_account.aws.client("cloudwatch")
    eventually(lambda: sums(cloudwatch, "AWS/ApiGateway", ApiId=api_id).get("Count") == 3)
    stage = sums(cloudwatch, "AWS/ApiGateway", ApiId=api_id, Stage="$default")
    assert (stage["Count"], stage["4xx"], stage["5xx"]) == (3, 1, 0)
    assert stage["Latency"] >= stage["IntegrationLatency"] > 0
    assert stage["DataProcessed"] > 0
