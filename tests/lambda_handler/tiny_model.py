"""A small model of a real recipe, for tests that need a working one."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import find_recipe

LABELS = ("EAP", "HPL", "MWS")
RECIPE = "spooky-ngrams"
_WORDS = {"EAP": "raven midnight chamber", "HPL": "ancient cosmic horror", "MWS": "creature ice"}


def tiny_model(seed: int = 0) -> bytes:
    """Return a model file that distinguishes a few words; each seed gives a different file."""
    recipe = find_recipe(RECIPE)
    texts, labels = [], []
    for label, words in enumerate(_WORDS.values()):
        for index in range(12):
            texts.append(f"the {words} of the {words.split()[(index + seed) % 2]} was there")
            labels.append(label)
    pipeline = recipe.build(parse_hyperparameters({}, recipe.hyperparameters))
    pipeline.fit(texts, labels)
    assert recipe.export is not None
    about = {"recipe": RECIPE, "label_names": LABELS, "explanations": "decision"}
    return recipe.export(pipeline, about)


@dataclass(frozen=True)
class ModelFile:
    """A model on disk and its sha256."""

    path: Path
    content: bytes

    @property
    def sha256(self) -> str:
        """The sha256 that the handler expects."""
        return hashlib.sha256(self.content).hexdigest()
