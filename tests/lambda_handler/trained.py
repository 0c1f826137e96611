"""Recipes that Lambda serves, trained on the sample or on real sentences, and exported."""

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lambda_handler.model import Model, load_model
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
from newsgroup_classifier.datasets.spooky import (
    AUTHORS,
    generate_lexicon,
    generate_spooky,
    load_spooky,
)
from newsgroup_classifier.recipes.catalogue import RECIPES, preset_values
from newsgroup_classifier.text.lexicon import LEXICON_FILE, write_lexicon

SERVED = [recipe.name for recipe in RECIPES.values() if recipe.served_by_lambda]
# A recipe and a preset; a recipe without presets has its defaults alone.
CASES = [(name, preset) for name in SERVED for preset in RECIPES[name].presets or ("",)]


@dataclass(frozen=True)
class Trained:
    """A fitted pipeline, the bytes of its model file, and the model loaded from them."""

    pipeline: Any
    content: bytes
    model: Model


@cache
def trained(recipe_name: str, preset: str, real: bool = False) -> Trained:
    """Train a recipe once per process, on the sample or on the real train channel."""
    recipe = RECIPES[recipe_name]
    dataset, lexicon = _data(real)
    pipeline = recipe.build(preset_values(recipe, preset) if preset else recipe.defaults)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LEXICON_FILE
        if recipe.lexicon:
            path.write_bytes(lexicon)
            pipeline.set_params(**{recipe.lexicon: str(path)})
        pipeline.fit(list(dataset.train["data"]), list(dataset.train["label"]))
        assert recipe.export is not None
        about = {"recipe": recipe_name, "label_names": AUTHORS, "versions": {}}
        content = recipe.export(pipeline, about)
        return Trained(pipeline, content, load_model(content))


@cache
def _data(real: bool) -> tuple[Dataset, bytes]:
    if not real:
        return generate_spooky(), write_lexicon(generate_lexicon())
    if not os.environ.get("DATASETS_DIR"):
        pytest.skip("DATASETS_DIR is not set: no real data sets here")
    return load_spooky(), write_lexicon(load_lexicon())
