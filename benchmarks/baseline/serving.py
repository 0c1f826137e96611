"""Serve as the tutorial does: create a vectorizer from the vocabulary for each request.

The weights of the terms (IDF) are lost, and the text is not cleaned. This module runs in the
container; `benchmarks.baseline.deployment` packs it with the files that `save` writes.
"""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

_MODEL, _VOCABULARY, _LABELS = "model.joblib", "vocabulary.pkl", "labels.json"


def save(
    folder: Path, model: MultinomialNB, vocabulary: dict[str, int], labels: dict[int, str]
) -> None:
    """Write the three files that the functions below read."""
    joblib.dump(model, folder / _MODEL)
    (folder / _VOCABULARY).write_bytes(pickle.dumps(vocabulary))
    (folder / _LABELS).write_text(json.dumps(labels), encoding="utf-8")


def _model_file(name: str) -> Path:
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"), "model", name)


def model_fn(model_dir: str) -> MultinomialNB:
    """Load the classifier."""
    return joblib.load(Path(model_dir, _MODEL))


def input_fn(body: str, content_type: str) -> Any:
    """Read the vocabulary, and compute the features of the request's text."""
    if content_type != "text/csv":
        raise ValueError("only text/csv")
    vocabulary = pickle.loads(_model_file(_VOCABULARY).read_bytes())  # noqa: S301 - as in the tutorial
    return TfidfVectorizer(vocabulary=vocabulary).fit_transform([body])


def predict_fn(features: Any, model: MultinomialNB) -> Any:
    """Return the number of the label."""
    return model.predict(features)


def output_fn(prediction: Any, accept: str) -> str:
    """Read the label names, and return the predicted one."""
    labels: dict[str, str] = json.loads(_model_file(_LABELS).read_text(encoding="utf-8"))
    return labels[str(prediction[0])]
