"""The model that the handler scores with, read from one .npz file.

    manifest.json   format, kind, recipe, label_names, and what the kind needs
    *.npy           the kind's arrays

kind "topic-forest": forms, form_columns, word_topics, roots, features, thresholds, children,
leaf_counts. kind "ngrams": words, characters, {word,character}_{codes,idf,weights}, idf_levels,
intercepts. The modules of each say what they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lambda_handler.checks import texts
from lambda_handler.errors import ModelError
from lambda_handler.forest import load_forest
from lambda_handler.ngrams import load_vote
from lambda_handler.npz import Members, read_npz
from lambda_handler.tokens import load_forms
from lambda_handler.topics import load_topics

FORMAT = 1
Score = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Model:
    """A model from raw texts to probabilities, and the names of its labels."""

    recipe: str
    label_names: tuple[str, ...]
    score: Score

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts, of shape (n, n labels)."""
        if not texts:
            return np.empty((0, len(self.label_names)))
        return self.score(texts)


def load_model(path: Path) -> Model:
    """Read a model file; raise ModelError saying why if it is none that can be scored with."""
    manifest, arrays = read_npz(path)
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"the model file has the format {manifest.get('format')!r}; expected {FORMAT}. Train "
            "the model again, or deploy the code that wrote it."
        )
    kind, recipe = manifest.get("kind"), manifest.get("recipe")
    if not isinstance(recipe, str):
        raise ModelError("the model's manifest does not name its recipe")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ModelError(f"the model file has the kind {kind!r}; expected {', '.join(_KINDS)}")
    names = texts(manifest, "label_names")
    return Model(recipe, names, _KINDS[kind](manifest, arrays, len(names)))


def _load_topic_forest(manifest: dict[str, Any], arrays: Members, labels: int) -> Score:
    topics = load_topics(manifest, arrays)
    width, size = topics.words.shape
    forms = load_forms(arrays, width)
    forest = load_forest(arrays, size, labels)
    return lambda texts: forest.predict_proba(topics.shares(forms.count(texts)))


def _load_ngrams(manifest: dict[str, Any], arrays: Members, labels: int) -> Score:
    return load_vote(manifest, arrays, labels).predict_proba


_KINDS = {"topic-forest": _load_topic_forest, "ngrams": _load_ngrams}
