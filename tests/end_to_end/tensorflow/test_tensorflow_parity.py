"""Every TensorFlow recipe predicts the same in memory and from each of its endpoints.

These tests use real data if DATASETS_DIR is set.
"""

import json

import numpy as np
import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.end_to_end.tensorflow.tensorflow_models import check_response, deployed, untrained
from tests.inference_pipeline.images.image_files import npy, png
from tests.scripts.processes import Scripts

_FIT, _ROWS, _BATCH, _PNGS = 5_000, 500, 50, 20
JSON = "application/json"
TENSORFLOW = [each for each in RECIPES.values() if each.framework == "tensorflow" and each.dataset]
TEXTS = [recipe.name for recipe in TENSORFLOW if recipe.inputs == "texts"]
IMAGES = [recipe.name for recipe in TENSORFLOW if recipe.inputs == "images"]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("recipe", TEXTS)
def test_endpoints_predict_texts_as_the_network_in_memory(
    local_aws, own_region, data_source, tmp_path, recipe
):
    dataset = data_source.load(RECIPES[recipe].dataset)
    names = dict(zip(dataset.train["label"], dataset.train["label_names"], strict=True))
    labels = tuple(names[label] for label in sorted(names))
    network = untrained(recipe, labels, list(dataset.train["data"][:_FIT]))
    texts = [text for text in dataset.test["data"][:_ROWS] if text.strip()]
    targets = ["pipeline", "single"] if RECIPES[recipe].takes_strings else ["pipeline"]
    kinds = [(recipe, target) for target in targets]
    with deployed(Scripts(local_aws, own_region), {recipe: network}, tmp_path, kinds) as endpoints:
        for endpoint in endpoints:
            for start in range(0, len(texts), _BATCH):
                batch = texts[start : start + _BATCH]
                check_response(endpoint, batch, endpoint.invoke(json.dumps(batch).encode(), JSON))


@pytest.mark.parametrize("recipe", IMAGES)
def test_endpoint_predicts_images_as_the_network_in_memory(
    local_aws, own_region, data_source, tmp_path, recipe
):
    channel = data_source.load(RECIPES[recipe].dataset).test
    images = channel.images[:_ROWS]
    network = untrained(recipe, channel.label_names)
    scripts, kinds = Scripts(local_aws, own_region), [(recipe, "pipeline")]
    with deployed(scripts, {recipe: network}, tmp_path, kinds) as (endpoint,):
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            check_response(endpoint, batch, endpoint.invoke(npy(batch), "application/x-npy"))
            check_response(
                endpoint, batch, endpoint.invoke(json.dumps(batch.tolist()).encode(), JSON)
            )
        for image in images[:_PNGS]:
            check_response(endpoint, np.array([image]), endpoint.invoke(png(image), "image/png"))
