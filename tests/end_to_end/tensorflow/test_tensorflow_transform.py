"""Batch transform of TensorFlow recipes, with no endpoint: three containers, one, and images."""

import json

import numpy as np
import pytest

from newsgroup_classifier.datasets.catalogue import generate_dataset
from tests.end_to_end.tensorflow.tensorflow_models import (
    TOLERANCE,
    register,
    untrained,
    write_archive,
)
from tests.inference_pipeline.image_files import npy
from tests.scripts.processes import Scripts

_FILES = 3
pytestmark = pytest.mark.slow


def registered(scripts, recipe, network, folder):
    """Register a network as an approved package, and deploy nothing."""
    bucket = scripts.run("setup").result["bucket"]
    register(scripts, recipe, write_archive(recipe, network, folder), bucket)


def outputs(scripts, result):
    """Return what a transform wrote, by the names of the files it read."""
    bucket, root = result["output"].removeprefix("s3://").split("/", 1)
    s3 = scripts.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=root)["Contents"]]
    return {
        key.removeprefix(root).removesuffix(".out"): s3.get_object(Bucket=bucket, Key=key)[
            "Body"
        ].read()
        for key in keys
    }


def check(network, rows, answers):
    """Assert that answers have the labels and probabilities that the network gives in memory."""
    expected = network.probabilities(rows)
    assert len(answers) == len(rows)
    for answer, row in zip(answers, expected, strict=True):
        assert answer["label"] == network.label_names[row.argmax()]
        found = list(answer["probabilities"].values())
        np.testing.assert_allclose(found, row, rtol=0, atol=TOLERANCE)


def test_texts_are_scored_through_three_containers_and_by_the_one_alone(
    local_aws, own_region, tmp_path
):
    recipe = "headlines-fast"
    dataset = generate_dataset("uci-news")
    labels = tuple(sorted(set(dataset.train["label_names"])))
    network = untrained(recipe, labels, list(dataset.train["data"]))
    scripts = Scripts(local_aws, own_region)
    (tmp_path / "archive").mkdir()
    registered(scripts, recipe, network, tmp_path / "archive")
    texts = list(dataset.test["data"])[:60]
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    written = []
    for target in ("pipeline", "single"):
        result = scripts.run(
            "transform", "--recipe", recipe, "--input", str(file), "--target", target
        ).result
        (content,) = outputs(scripts, result).values()
        check(network, texts, [json.loads(line) for line in content.splitlines()])
        written.append(result["model_name"])
    left = scripts.client("sagemaker").list_models(NameContains=recipe)["Models"]
    assert not {model["ModelName"] for model in left} & set(written)


def test_files_of_images_are_a_request_each(local_aws, own_region, tmp_path):
    recipe = "digits-cnn"
    images = generate_dataset("mnist").test.images[:30]
    network = untrained(recipe, tuple("0123456789"))
    scripts = Scripts(local_aws, own_region)
    (tmp_path / "archive").mkdir()
    registered(scripts, recipe, network, tmp_path / "archive")
    folder = tmp_path / "images"
    folder.mkdir()
    parts = {f"{number}.npy": images[number::_FILES] for number in range(_FILES)}
    for name, part in parts.items():
        (folder / name).write_bytes(npy(part))
    result = scripts.run("transform", "--recipe", recipe, "--input", str(folder)).result
    assert result["requests"] == _FILES
    for name, content in outputs(scripts, result).items():
        check(network, parts[name], json.loads(content)["predictions"])
