"""The model that the handler runs, read from one .npz file.

    manifest.json   format, kind, recipe, label_names, explanations (the measure of explanations;
                    none in files of earlier releases), and the parameters of the kind
    *.npy           the arrays of the kind

The modules of each kind read its arrays, and are imported only if they are needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lambda_handler.errors import ModelError
from lambda_handler.npz import Members, read_npz
from newsgroup_classifier.explanations.explanation import (
    DECISION,
    Explanation,
    explain_by_removal,
    read_scores,
)
from newsgroup_classifier.explanations.words import Spans

FORMATS = (1, 2)  # forests of the first are still read
Score = Callable[[Sequence[str]], np.ndarray]
Explain = Callable[[str], tuple[Spans, np.ndarray]]
Loaded = tuple[Score, str, Explain | None]


@dataclass(frozen=True)
class Model:
    """A model from raw texts to probabilities, and its label names.

    `explain_scores` returns the words of a text, and the scores of the text, of each word, and of
    the base; it is None if words must be removed one by one. `warning` says why the model may score
    otherwise here than where it was trained.
    """

    recipe: str
    label_names: tuple[str, ...]
    score: Score
    warning: str = ""
    explain_scores: Explain | None = None

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts, of shape (n, n labels)."""
        if not texts:
            return np.empty((0, len(self.label_names)))
        return self.score(texts)

    def explain(self, texts: Sequence[str], labels: Sequence[int], count: int) -> list[Explanation]:
        """Return the `count` words of each text that matter most for its label."""
        if self.explain_scores is None:
            return explain_by_removal(self.score, texts, labels, count)
        return [
            read_scores(scores, DECISION, label).explanation(text, spans, count)
            for text, label in zip(texts, labels, strict=True)
            for spans, scores in [self.explain_scores(text)]
        ]


def load_model(content: bytes) -> Model:
    """Read a model file; raise ModelError with the reason if it is invalid.

    It has the sha256 of what the export wrote, so only what depends on the release is checked.
    """
    manifest, arrays = read_npz(content)
    advice = "Train the model again, or deploy the code that wrote it."
    if manifest.get("format") not in FORMATS:
        raise ModelError(
            f"the model file has the format {manifest.get('format')!r}; expected "
            f"{' or '.join(map(str, FORMATS))}. {advice}"
        )
    kind = str(manifest.get("kind"))
    if kind not in _LOADERS:
        raise ModelError(f"the model file has the kind {kind!r}; expected {', '.join(_LOADERS)}")
    try:
        recipe, names = manifest["recipe"], tuple(manifest["label_names"])
        score, warning, explain = _LOADERS[kind](manifest, arrays)
    except KeyError as error:
        raise ModelError(f"the model file lacks {error}. {advice}") from None
    except (TypeError, ValueError, IndexError) as error:
        raise ModelError(f"the model file is not valid: {error}. {advice}") from None
    is_exact = manifest.get("explanations") == DECISION
    return Model(recipe, names, score, warning, explain if is_exact else None)


def _load_topic_forest(manifest: dict[str, Any], arrays: Members) -> Loaded:
    from lambda_handler.topic_forest import load_forest, load_forms, load_topics

    topics, forms, forest = load_topics(manifest, arrays), load_forms(arrays), load_forest(arrays)
    return lambda texts: forest.predict_proba(topics.shares(forms.count(texts))), "", None


def _load_vectorizers(manifest: dict[str, Any], arrays: Members) -> Loaded:
    from lambda_handler.vectorizers import load_linear

    model = load_linear(manifest, arrays)
    return model.predict_proba, _unicode_warning(manifest), model.explain


def _load_text_linear(manifest: dict[str, Any], arrays: Members) -> Loaded:
    from lambda_handler.linear import explain, load_linear

    model = load_linear(manifest, arrays)
    return model.predict_proba, _unicode_warning(manifest), partial(explain, model)


def _unicode_warning(manifest: dict[str, Any]) -> str:
    from newsgroup_classifier.hashed_text.model import unicode_difference

    return unicode_difference(manifest["unicode"])


_LOADERS = {
    "text-linear": _load_text_linear,
    "topic-forest": _load_topic_forest,
    "vectorizers": _load_vectorizers,
}
