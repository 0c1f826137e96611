"""Every TensorFlow recipe: in memory, through its pipeline and alone, the same answers.

The data is the real one where there is some, and a generated sample elsewhere. What stays in the
default run, for a recipe of texts and one of images, is in test_tensorflow_serving.py.
"""

import json

import numpy as np
import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.end_to_end.tensorflow.tensorflow_models import check_answer, deployed, untrained
from tests.inference_pipeline.image_files import npy, png
from tests.scripts.processes import Scripts

_FITTED, _ASKED, _BATCH, _PICTURES = 5_000, 500, 50, 20
JSON = "application/json"
TENSORFLOW = [recipe for recipe in RECIPES.values() if recipe.framework == "tensorflow"]
TEXTS = [recipe.name for recipe in TENSORFLOW if recipe.inputs == "texts"]
IMAGES = [recipe.name for recipe in TENSORFLOW if recipe.inputs == "images"]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("recipe", TEXTS)
def test_texts_get_the_answers_of_the_network_in_memory(
    local_aws, own_region, data_source, tmp_path, recipe
):
    dataset = data_source.load(RECIPES[recipe].dataset)
    names = dict(zip(dataset.train["label"], dataset.train["label_names"], strict=True))
    labels = tuple(names[label] for label in sorted(names))
    network = untrained(recipe, labels, list(dataset.train["data"][:_FITTED]))
    texts = [text for text in dataset.test["data"][:_ASKED] if text.strip()]
    targets = ["pipeline", "single"] if RECIPES[recipe].takes_strings else ["pipeline"]
    kinds = [(recipe, target) for target in targets]
    with deployed(Scripts(local_aws, own_region), {recipe: network}, tmp_path, kinds) as doors:
        for door in doors:
            for start in range(0, len(texts), _BATCH):
                batch = texts[start : start + _BATCH]
                check_answer(door, batch, door.invoke(json.dumps(batch).encode(), JSON))


@pytest.mark.parametrize("recipe", IMAGES)
def test_images_get_the_answers_of_the_network_in_memory(
    local_aws, own_region, data_source, tmp_path, recipe
):
    channel = data_source.load(RECIPES[recipe].dataset).test
    images = channel.images[:_ASKED]
    network = untrained(recipe, channel.label_names)
    scripts, kinds = Scripts(local_aws, own_region), [(recipe, "pipeline")]
    with deployed(scripts, {recipe: network}, tmp_path, kinds) as (door,):
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            check_answer(door, batch, door.invoke(npy(batch), "application/x-npy"))
            check_answer(door, batch, door.invoke(json.dumps(batch.tolist()).encode(), JSON))
        for image in images[:_PICTURES]:
            check_answer(door, np.array([image]), door.invoke(png(image), "image/png"))
