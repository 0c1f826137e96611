"""Write the pickles of the baseline's Lambda function from the fitted model that ours serves.

Both functions then score with the same topics and the same trees.
"""

import copy
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder

from benchmarks.baseline import author_function
from benchmarks.baseline.author_function import LemmaCountVectorizer


def write_pickles(
    pipeline: Pipeline, label_names: list[str], jobs: int | None, folder: Path
) -> Path:
    """Write vectorizer, LDA, forest (which scores in `jobs` threads) and label names."""
    forest = copy.copy(pipeline.named_steps["forest"].classifier_).set_params(n_jobs=jobs)
    counter = pipeline.named_steps["count"]
    vectorizer: Any = LemmaCountVectorizer(
        stop_words=counter.stop_words, vocabulary=counter.vocabulary_
    )
    folder.mkdir()
    author_function.save(
        folder,
        vectorizer,
        pipeline.named_steps["topics"].topics_,
        forest,
        LabelEncoder().fit(np.asarray(label_names)),
    )
    return folder
