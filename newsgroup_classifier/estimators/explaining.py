"""Explain predictions in memory: which words of a text speak for and against a label.

    explain_texts(pipeline, ["the orbit of the moon"], [14], count=5)

Networks are explained by explanations.explanation.explain_by_removal. Serving containers and the
Lambda function give the same numbers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from newsgroup_classifier.estimators.linear_scores import linear_scores
from newsgroup_classifier.estimators.word_rows import measure_of, stack, word_rows
from newsgroup_classifier.explanations.explanation import (
    DECISION,
    Explanation,
    explain_by_removal,
    read_scores,
)
from newsgroup_classifier.feature_matrix import feature_matrix


def explain_texts(
    pipeline: Any, texts: Sequence[str], columns: Sequence[int], count: int, first_steps: int = -1
) -> list[Explanation]:
    """Return the `count` words of each text that matter most for a label.

    `pipeline` is a fitted pipeline from texts to labels, and `columns` has the label of each text
    as its column in predict_proba. A linear pipeline is explained exactly, others by removal, and
    so is one of a recipe whose `first_steps` leave more than the classifier.
    """
    if measure_of(pipeline, first_steps) != DECISION:
        return explain_by_removal(
            lambda texts: pipeline[first_steps:].predict_proba(
                feature_matrix(pipeline[:first_steps].transform(texts))
            ),
            texts, columns, count,
        )  # fmt: skip
    explanations = []
    for text, column in zip(texts, columns, strict=True):
        row = feature_matrix(pipeline[:-1].transform([text]))
        spans, rows = word_rows(pipeline[:-1], text, row, DECISION)
        scores = row_scores(pipeline[-1], stack([row, rows]), DECISION)
        findings = read_scores(scores, DECISION, column)
        explanations.append(findings.explanation(text, spans, count))
    return explanations


def row_scores(classifier: Any, rows: Any, measure: str) -> np.ndarray:
    """Return the scores or probabilities of a text's row, its words' rows, and the base's row."""
    if measure == DECISION:
        return linear_scores(classifier).score(rows, slice(1, -1))
    return np.asarray(classifier.predict_proba(rows), dtype=float)
