"""Compare three containers with TensorFlow Serving's alone and with the other two alone.

    python -m benchmarks containers

All are endpoints of one local AWS, which get one headline at a time, in turns. An endpoint of
encode_texts and decode_labels alone would have nothing to decode, so canned_decoder.py takes the
place of the latter and does its work on a row of its own. The time of that endpoint includes
InvokeEndpoint's share, which the difference of the other two does not.
"""

import json
import statistics
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.account import Trained, client, invoke, trained
from benchmarks.measure import row, spread, timed
from benchmarks.serving import canned_decoder
from newsgroup_classifier.datasets.uci_news import load_uci_news

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
    added = f"{middle[_THREE] - middle[_ONE]:.1f} ms added"
    return row(
        "what two scikit-learn containers add to TensorFlow Serving's, one headline",
        "an endpoint of the two alone; the limit is three times its latency",
        "UCI news",
        spread(ratios),
        (
            f"the two alone {middle[_TWO]:.1f} ms",
            f"{middle[_THREE]:.1f} ms, compared with {middle[_ONE]:.1f}: {added}",
        ),
    )


def _measure(
    names: Mapping[str, str], headlines: list[str]
) -> tuple[list[dict[str, float]], list[float]]:
    """Return the medians of each round in seconds, and the ratio of each round."""
    runtime = client("sagemaker-runtime")
    for endpoint in names.values():
        for headline in headlines[:_WARM_UP]:
            invoke(runtime, endpoint, headline.encode())
    medians = []
    for _ in range(_ROUNDS):
        taken: dict[str, list[float]] = {name: [] for name in names}
        for start in range(0, len(headlines), _BLOCK):
            for name, endpoint in names.items():
                for headline in headlines[start : start + _BLOCK]:
                    seconds, body = timed(partial(invoke, runtime, endpoint, headline.encode()))
                    if len(json.loads(body)["predictions"]) != 1:
                        raise RuntimeError(f"endpoint {endpoint} did not return one prediction")
                    taken[name].append(seconds)
        medians.append({name: statistics.median(seconds) for name, seconds in taken.items()})
    return medians, [one[_TWO] / (one[_THREE] - one[_ONE]) for one in medians]


@contextmanager
def _endpoints() -> Iterator[dict[str, str]]:
    """Train once and deploy all three in a local AWS of their own; yield their names."""
    with trained(RECIPE, *_TRAINING) as ours:
        three, one = ours.deploy(), ours.deploy("--target", "single")
        two = _deploy_two(ours, three["model_name"])
        yield {_THREE: three["endpoint_name"], _ONE: one["endpoint_name"], _TWO: two}


def _deploy_two(ours: Trained, model_name: str) -> str:
    """Deploy the first container of a model and the canned decoder; return the endpoint's name."""
    model, module = ours.unpack_model(), Path(canned_decoder.__file__)
    (model / "serving" / module.name).write_bytes(module.read_bytes())
    archive, name = ours.folder / "two.tar.gz", "benchmark-two"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(model, arcname=".")
    uri = ours.upload(archive, "benchmark/two/model.tar.gz")
    containers = client("sagemaker").describe_model(ModelName=model_name)["Containers"]
    first = containers[0] | {"ModelDataUrl": uri}
    environment = first["Environment"] | {"SAGEMAKER_PROGRAM": module.stem}
    last = first | {"ContainerHostname": "decode", "Environment": environment}
    ours.deploy_containers(name, [first, last])
    return name
