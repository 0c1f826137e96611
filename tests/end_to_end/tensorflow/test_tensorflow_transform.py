"""Batch transforms of TensorFlow recipes without an endpoint, for texts and images."""

import json

import pytest

from newsgroup_classifier.datasets.catalogue import generate_dataset
from tests.end_to_end.posts import check_predictions
from tests.end_to_end.tensorflow.tensorflow_models import register, untrained, write_archive
from tests.inference_pipeline.images.image_files import npy
from tests.scripts.compatibility import KEYS

_FILES = 3
pytestmark = pytest.mark.slow


def prepare(scripts, recipe, network, folder):
    """Register a network as an approved package without deploying it."""
    folder.mkdir()
    bucket = scripts.run("setup").result["bucket"]
    register(scripts, recipe, write_archive(recipe, network, folder), bucket)


def test_texts_are_scored_by_three_containers_and_by_a_single_one(scripts, tmp_path):
    recipe = "headlines-fast"
    dataset = generate_dataset("uci-news")
    labels = tuple(sorted(set(dataset.train["label_names"])))
    network = untrained(recipe, labels, list(dataset.train["data"]))
    prepare(scripts, recipe, network, tmp_path / "archive")
    texts = list(dataset.test["data"])[:60]
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    models = []
    for target in ("pipeline", "single"):
        result = scripts.run(
            "transform", "--recipe", recipe, "--input", str(file), "--target", target
        ).result
        (content,) = scripts.read_objects(result["output"]).values()
        check_predictions([json.loads(line) for line in content.splitlines()], texts, network)
        models.append(result["model_name"])
    remaining = scripts.client("sagemaker").list_models(NameContains=recipe)["Models"]
    assert not {model["ModelName"] for model in remaining} & set(models)


def test_each_file_of_images_is_one_request(scripts, tmp_path):
    recipe = "digits-cnn"
    images = generate_dataset("mnist").test.images[:30]
    network = untrained(recipe, tuple("0123456789"))
    prepare(scripts, recipe, network, tmp_path / "archive")
    folder = tmp_path / "images"
    folder.mkdir()
    parts = {f"{number}.npy": images[number::_FILES] for number in range(_FILES)}
    for name, part in parts.items():
        (folder / name).write_bytes(npy(part))
    result = scripts.run("transform", "--recipe", recipe, "--input", str(folder)).result
    assert KEYS["transform of images"] <= set(result)
    assert result["requests"] == _FILES
    for name, content in scripts.read_objects(result["output"]).items():
        part = parts[name.removesuffix(".out")]
        check_predictions(json.loads(content)["predictions"], part, network)
