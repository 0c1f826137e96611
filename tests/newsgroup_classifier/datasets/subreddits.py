"""Quick training of the four subreddit recipes, and a small spaCy pipeline with vectors."""

from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.channels.texts import Channel, Dataset
from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training.scikit_learn.fitting import Files, TrainingResult, train

# Overrides with which training takes about a second.
SMALL = {
    "subreddits-neighbors": {"n_components": "40"},
    "subreddits-boosting": {"n_components": "15", "max_iter": "3"},
    "subreddits-xgboost": {"n_components": "15", "n_estimators": "3"},
    "subreddits-linear": {},
}

NO_FILES = Files()


def channel(frame: Any) -> Channel:
    """Return a frame of a data set as a channel."""
    names = dict(zip(frame["label"], frame["label_names"], strict=True))
    label_names = tuple(names[number] for number in sorted(names))
    return Channel(list(frame["data"]), list(frame["label"]), label_names)


def trained(
    recipe: str, dataset: Dataset, files: Files = NO_FILES, **overrides: str
) -> TrainingResult:
    """Train a recipe with its overrides in SMALL, and others."""
    selected = RECIPES[recipe]
    values = parse_hyperparameters(SMALL[recipe] | overrides, selected.hyperparameters)
    return train(selected, values, channel(dataset.train), channel(dataset.test), files)


def spacy_pipeline(folder: Path, words: list[str], dimensions: int = 12, attr: str = "ORTH") -> Any:
    """Save and return a blank English pipeline with a random vector per word."""
    import spacy
    from spacy.vectors import Vectors

    nlp = spacy.blank("en")
    rng = np.random.default_rng(0)
    values = rng.normal(size=(len(words), dimensions)).astype(np.float32)
    vectors = Vectors(strings=nlp.vocab.strings, shape=values.shape, name="made", attr=attr)
    for word, row in zip(words, values, strict=True):
        vectors.add(nlp.vocab.strings.add(word), vector=row)
    nlp.vocab.vectors = vectors
    nlp.to_disk(folder)
    return nlp
