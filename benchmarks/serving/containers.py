"""Compare three containers with TensorFlow Serving's alone and with the other two alone.

    python -m benchmarks.serving.containers

All are endpoints of one local AWS, which get one headline at a time, in turns. An endpoint of
encode_texts and decode_labels alone would have nothing to decode, so canned_decoder.py takes the
place of the latter and does its work on a row of its own. The time of that endpoint includes
InvokeEndpoint's share, which the difference of the other two does not.
"""

import json
import os
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import account
from benchmarks.measure import figures, spread
from benchmarks.serving import canned_decoder
from newsgroup_classifier.datasets.uci_news import load_uci_news
from scripts.account.local_aws import local_aws

RECIPE = "headlines-fast"
_TRAINING = ("--set", "epochs=1")  # a better model would not take longer
_ROUNDS, _BLOCK, _BLOCKS, _WARM_UP = 3, 50, 6, 100
_THREE, _ONE, _TWO = "three containers", "TensorFlow Serving's alone", "the other two alone"


def rows() -> list[dict[str, Any]]:
    """Return one row: the latency of two containers alone over what they add to the third."""
    headlines = load_uci_news().test["data"].tolist()[: _BLOCK * _BLOCKS]
    with _endpoints() as names:
        return [_row(*_measure(names, headlines))]


def _row(medians: list[dict[str, float]], ratios: list[float]) -> dict[str, Any]:
    middle = {name: statistics.median(one[name] for one in medians) * 1e3 for name in medians[0]}
    added = middle[_THREE] - middle[_ONE]
    return {
        "measurement": "what two scikit-learn containers add to TensorFlow Serving's, one headline",
        "compared with": "an endpoint of the two alone; the limit is three times its latency",
        "data": "UCI news",
        **figures(spread(ratios)),
        "baseline": f"the two alone {middle[_TWO]:.1f} ms",
        "this project": f"{middle[_THREE]:.1f} ms, compared with {middle[_ONE]:.1f}: "
        f"{added:.1f} ms added",
    }


def _measure(
    names: Mapping[str, str], headlines: list[str]
) -> tuple[list[dict[str, float]], list[float]]:
    """Return the medians of each round in seconds, and the ratio of each round."""
    runtime = account.client("sagemaker-runtime")
    for endpoint in names.values():
        for headline in headlines[:_WARM_UP]:
            _request(runtime, endpoint, headline)
    medians = []
    for _ in range(_ROUNDS):
        taken: dict[str, list[float]] = {name: [] for name in names}
        for start in range(0, len(headlines), _BLOCK):
            for name, endpoint in names.items():
                for headline in headlines[start : start + _BLOCK]:
                    taken[name].append(_request(runtime, endpoint, headline))
        medians.append({name: statistics.median(seconds) for name, seconds in taken.items()})
    return medians, [one[_TWO] / (one[_THREE] - one[_ONE]) for one in medians]


def _request(runtime: Any, endpoint: str, headline: str) -> float:
    """Return the seconds of one request, whose response must be a prediction."""
    began = time.perf_counter()
    response = runtime.invoke_endpoint(
        EndpointName=endpoint, Body=headline.encode(), ContentType="text/plain"
    )
    body = response["Body"].read()
    seconds = time.perf_counter() - began
    if len(json.loads(body)["predictions"]) != 1:
        raise RuntimeError(f"endpoint {endpoint} returned {len(body)} bytes, not one prediction")
    return seconds


@contextmanager
def _endpoints() -> Iterator[dict[str, str]]:
    """Train once and deploy all three in a local AWS of their own; yield their names."""
    with local_aws() as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        os.environ["AWS_ENDPOINT_URL"] = url
        bucket = account.script("setup")["bucket"]
        account.script("upload_data", "--recipe", RECIPE)
        trained = account.script("train", "--recipe", RECIPE, "--approve", *_TRAINING)
        three = account.script("deploy", "--recipe", RECIPE)
        one = account.script("deploy", "--recipe", RECIPE, "--target", "single")
        uri = _upload_with_decoder(trained["model_artifacts"], bucket, Path(folder))
        two = _deploy_two(three["model_name"], uri)
        yield {_THREE: three["endpoint_name"], _ONE: one["endpoint_name"], _TWO: two}


def _upload_with_decoder(model_uri: str, bucket: str, folder: Path) -> str:
    """Upload the artifact with the canned decoder next to its stages; return the address."""
    model = account.fetch_model(model_uri, folder)
    module = Path(canned_decoder.__file__)
    (model / "serving" / module.name).write_bytes(module.read_bytes())
    archive, key = folder / "two.tar.gz", "benchmark/two/model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(model.iterdir()):
            tar.add(path, path.name)
    account.client("s3").upload_file(str(archive), bucket, key)
    return f"s3://{bucket}/{key}"


def _deploy_two(model_name: str, uri: str) -> str:
    """Deploy the first container of a model and the canned decoder; return the endpoint's name."""
    client, name = account.client("sagemaker"), "benchmark-two"
    model = client.describe_model(ModelName=model_name)
    first = model["Containers"][0] | {"ModelDataUrl": uri}
    environment = first["Environment"] | {"SAGEMAKER_PROGRAM": Path(canned_decoder.__file__).stem}
    last = first | {"ContainerHostname": "decode", "Environment": environment}
    client.create_model(
        ModelName=name, ExecutionRoleArn=model["ExecutionRoleArn"], Containers=[first, last]
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    client.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    return name


if __name__ == "__main__":
    json.dump(rows(), sys.stdout, indent=1)
