"""The model that the handler runs, read from one .npz file.

    manifest.json   format, kind, recipe, label_names, and the parameters of the kind
    *.npy           the arrays of the kind

Kind "topic-forest": forms, form_columns, word_topics, roots, features, thresholds, children,
leaf_counts. Kind "text-linear": weights, scales, intercepts, {keys,frequencies}_{block}.
Kind "vectorizers": weights, intercepts, and {terms,term_lengths,idf,stop_words,...}_{block}.
The modules of each kind describe its arrays, and are imported only if they are needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lambda_handler.checks import get_strings
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members, read_npz

FORMATS = (1, 2)  # forests of the first are still read
Score = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Model:
    """A model from raw texts to probabilities, and its label names.

    `warning` says why it may score otherwise here than where it was trained.
    """

    recipe: str
    label_names: tuple[str, ...]
    score: Score
    warning: str = ""

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
    score, warning = _LOADERS[kind](manifest, arrays, len(names))
    return Model(recipe, names, score, warning)


def _load_topic_forest(manifest: dict[str, Any], arrays: Members, labels: int) -> tuple[Score, str]:
    from lambda_handler.topic_forest.forest import load_forest
    from lambda_handler.topic_forest.tokens import load_forms
    from lambda_handler.topic_forest.topics import load_topics

    topics = load_topics(manifest, arrays)
    width, size = topics.words.shape
    forms = load_forms(arrays, width)
    forest = load_forest(arrays, size, labels)
    return lambda texts: forest.predict_proba(topics.shares(forms.count(texts))), ""


def _load_vectorizers(manifest: dict[str, Any], arrays: Members, labels: int) -> tuple[Score, str]:
    from lambda_handler.vectorizers.linear import load_linear

    return load_linear(manifest, arrays, labels).predict_proba, _unicode_warning(manifest)


def _load_text_linear(manifest: dict[str, Any], arrays: Members, labels: int) -> tuple[Score, str]:
    from lambda_handler.linear import load_linear

    return load_linear(manifest, arrays, labels).predict_proba, _unicode_warning(manifest)


def _unicode_warning(manifest: dict[str, Any]) -> str:
    from newsgroup_classifier.hashed_text.model import unicode_difference

    version = manifest.get("unicode")
    if not isinstance(version, str):
        raise ModelError("the model's manifest lacks the unicode version")
    return unicode_difference(version)


_LOADERS = {
    "text-linear": _load_text_linear,
    "topic-forest": _load_topic_forest,
    "vectorizers": _load_vectorizers,
}
