"""Write small artifacts of TensorFlow recipes, without training and without TensorFlow."""

from pathlib import Path
from types import SimpleNamespace

from newsgroup_classifier import artifacts
from newsgroup_classifier.artifacts import Extras
from newsgroup_classifier.text.encoders import WordSequences, write_encoder
from newsgroup_classifier.text.ngram_bags import NgramBags

ROOT = Path(__file__).resolve().parents[2]
LABELS = ("business", "entertainment", "health")
HEADLINES = ["Stocks rise on earnings", "New film tops box office", "Flu vaccine helps, study says"]


def fitted_encoder(kind: str) -> WordSequences | NgramBags:
    encoder = WordSequences(50, 6, pad="back") if kind == "sequence" else NgramBags(2, 3, 1, 500)
    return encoder.fit(HEADLINES)


def write_artifact(folder: Path, kind: str | None, label_names: tuple[str, ...] = LABELS) -> Path:
    """Write an artifact with an encoder, or one for images; its SavedModel is a placeholder."""
    (folder / artifacts.SAVED_MODEL).mkdir(parents=True)
    (folder / artifacts.SAVED_MODEL / "saved_model.pb").write_bytes(b"not a model")
    objects = {artifacts.VOCABULARY: write_encoder(fitted_encoder(kind))} if kind else {}
    about = {
        "recipe": "headlines-fast" if kind else "digits-cnn",
        "label_names": label_names,
        "hyperparameters": {},
        "metrics": {},
    }
    artifacts.save_artifact(folder, objects, about, ROOT, Extras(tensorflow={}))
    return folder


def context(content_type: str, accept: str = "application/json") -> SimpleNamespace:
    """Return the part of the container's context that the handlers use."""
    return SimpleNamespace(request_content_type=content_type, accept_header=accept)


def answer(content: bytes, status: int = 200) -> SimpleNamespace:
    """Return the part of TensorFlow Serving's response that the handlers use."""
    return SimpleNamespace(status_code=status, content=content)
