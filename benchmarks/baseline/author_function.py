"""A Lambda function as tutorials write it: scikit-learn, NLTK, pandas, and pickles from S3.

The models are downloaded when the module is imported, which is when Lambda starts the function. The
module is zipped alone; author_pickles.py writes what it loads.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import joblib
import nltk
import pandas as pd
from nltk.stem import WordNetLemmatizer
from sklearn.feature_extraction.text import CountVectorizer

PICKLES = ("vectorizer.pkl", "lda.pkl", "forest.pkl", "labels.pkl")


class LemmaCountVectorizer(CountVectorizer):
    """Count lemmas, looked up in WordNet word by word."""

    def build_analyzer(self) -> Callable[[str], Iterator[str]]:
        """Return the word analyzer with each word lemmatized."""
        words = super().build_analyzer()
        lemmatizer = WordNetLemmatizer()
        return lambda text: (lemmatizer.lemmatize(word) for word in words(text))


def _load() -> list[Any]:
    nltk.data.path.append(os.environ["NLTK_DATA"])
    bucket, _, prefix = os.environ["PICKLES_URI"].removeprefix("s3://").partition("/")
    s3 = boto3.client("s3")
    objects = []
    with tempfile.TemporaryDirectory() as folder:
        for name in PICKLES:
            path = str(Path(folder, name))
            s3.download_file(bucket, f"{prefix}/{name}", path)
            objects.append(joblib.load(path))
    return objects


if "PICKLES_URI" in os.environ:
    _vectorizer, _lda, _forest, _labels = _load()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the label and the probabilities of every text in the body."""
    texts = json.loads(event["body"])["instances"]
    probabilities = _forest.predict_proba(_lda.transform(_vectorizer.transform(texts)))
    frame = pd.DataFrame(probabilities, columns=_labels.classes_)
    predictions = [
        {"label": label, "probability": row[label], "probabilities": row}
        for label, row in zip(frame.idxmax(axis=1), frame.to_dict("records"), strict=True)
    ]
    return {"statusCode": 200, "body": json.dumps({"predictions": predictions})}
