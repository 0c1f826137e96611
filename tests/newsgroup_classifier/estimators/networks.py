"""Small networks of the TensorFlow recipes, and a few examples that they can tell apart."""

import numpy as np

from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training.checkpoints import FitPlan
from newsgroup_classifier.training.examples import Examples

NETWORKS = [name for name, recipe in RECIPES.items() if recipe.framework == "tensorflow"]
FIT = FitPlan(batch_size=9, epochs=60, patience=60, min_delta=0.0, seed=1)
# What makes a network small, and what makes it learn a handful of rows in a few steps.
_SMALL = {
    "filters": "4",
    "embedding_dim": "8",
    "units": "8",
    "max_features": "30",
    "maxlen": "6",
    "min_df": "1",
    "learning_rate": "0.02",
    "epochs": "60",
    "dropout": "0",
    "word_dropout": "0",
    "spatial_dropout": "0",
    "last_dropout": "0",
    "shift": "0",
}
_WORDS = ("market", "moon", "medicine")


def small(name):
    """Return hyperparameters of a recipe's smallest network."""
    parameters = RECIPES[name].hyperparameters
    names = {parameter.name for parameter in parameters}
    overrides = {key: value for key, value in _SMALL.items() if key in names}
    return parse_hyperparameters(overrides, parameters)


def learnable(inputs):
    """Return nine examples of three classes."""
    labels = np.repeat(np.arange(3), 3)
    if inputs == "texts":
        texts = [f"the {_WORDS[label]} is number {place}" for place, label in enumerate(labels)]
        return Examples(labels, _WORDS, texts)
    images = np.random.default_rng(0).integers(0, 60, (9, 28, 28))
    for image, label in zip(images, labels, strict=True):
        image[8 * label : 8 * label + 6] += 150
    return Examples(labels, _WORDS, images=images.astype("uint8"))
