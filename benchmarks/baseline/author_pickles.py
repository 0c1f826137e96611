"""Write the pickles of the baseline's Lambda function from the fitted model that ours serves.

Both functions then score with the same topics and the same trees.
"""

import copy
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder

from benchmarks.baseline.author_function import PICKLES, LemmaCountVectorizer


def write_pickles(
    pipeline: Pipeline, label_names: list[str], jobs: int | None, folder: Path
) -> None:
    """Write vectorizer, LDA, forest (which scores in `jobs` threads) and label names."""
    forest = copy.copy(pipeline.named_steps["forest"].classifier_).set_params(n_jobs=jobs)
    counter, lda = pipeline.named_steps["count"], pipeline.named_steps["topics"].topics_
    vectorizer: Any = LemmaCountVectorizer(
        stop_words=counter.stop_words, vocabulary=counter.vocabulary_
    )
    labels = LabelEncoder().fit(np.asarray(label_names))
    folder.mkdir()
    for name, value in zip(PICKLES, (vectorizer, lda, forest, labels), strict=True):
        joblib.dump(value, folder / name)
