"""The model that the handler runs, read from one .npz file.

    manifest.json   format, kind, recipe, label_names, and the parameters of the kind
    *.npy           the arrays of the kind

Kind "topic-forest": forms, form_columns, word_topics, roots, features, thresholds, children,
leaf_counts. Kind "ngrams": words, characters, {word,character}_{codes,idf,weights}, idf_levels,
intercepts. The module of each kind describes its arrays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lambda_handler.checks import get_strings
from lambda_handler.errors import ModelError
from lambda_handler.forest import load_forest
from lambda_handler.ngrams import load_vote
from lambda_handler.npz import Members, read_npz
from lambda_handler.tokens import load_forms
from lambda_handler.topics import load_topics

FORMATS = (1, 2)  # the first is still read
Score = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Model:
    """A model from raw texts to probabilities, and its label names."""

    recipe: str
    label_names: tuple[str, ...]
    score: Score

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts, of shape (n, n labels)."""
        if not texts:
            return np.empty((0, len(self.label_names)))
        return self.score(texts)


def load_model(path: Path) -> Model:
    """Read a model file; raise ModelError with the reason if it is invalid."""
    manifest, arrays = read_npz(path)
    if manifest.get("format") not in FORMATS:
        raise ModelError(
            f"the model file has the format {manifest.get('format')!r}; expected "
            f"{' or '.join(map(str, FORMATS))}. Train the model again, or deploy the code that "
            "wrote it."
        )
    kind, recipe = manifest.get("kind"), manifest.get("recipe")
    if not isinstance(recipe, str):
        raise ModelError("the model's manifest does not name its recipe")
    if not isinstance(kind, str) or kind not in _LOADERS:
        raise ModelError(f"the model file has the kind {kind!r}; expected {', '.join(_LOADERS)}")
    names = get_strings(manifest, "label_names")
    return Model(recipe, names, _LOADERS[kind](manifest, arrays, len(names)))


def _load_topic_forest(manifest: dict[str, Any], arrays: Members, labels: int) -> Score:
    topics = load_topics(manifest, arrays)
    width, size = topics.words.shape
    forms = load_forms(arrays, width)
    forest = load_forest(arrays, size, labels)
    return lambda texts: forest.predict_proba(topics.shares(forms.count(texts)))


def _load_ngrams(manifest: dict[str, Any], arrays: Members, labels: int) -> Score:
    return load_vote(manifest, arrays, labels).predict_proba


_LOADERS = {"topic-forest": _load_topic_forest, "ngrams": _load_ngrams}
