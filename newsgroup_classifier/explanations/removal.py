"""Explain any model by leaving out one word at a time."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from newsgroup_classifier.explanations.explanation import PROBABILITY, Explanation, read_scores
from newsgroup_classifier.explanations.words import without_each


def explain_by_removal(
    predict_proba: Callable[[list[str]], Any],
    texts: Sequence[str],
    columns: Sequence[int],
    count: int,
) -> list[Explanation]:
    """Return the `count` words of each text whose removal changes a label's probability most.

    `predict_proba` returns probabilities (n, labels), and `columns` has the label of each text as
    its column in them. A text with its first MOST_WORDS words left out one by one is one batch.
    """
    explanations = []
    for text, column in zip(texts, columns, strict=True):
        spans, without = without_each(text)
        scores = np.asarray(predict_proba([text, *without]), dtype=float)
        findings = read_scores(scores, PROBABILITY, column)
        explanations.append(findings.explanation(text, spans, count))
    return explanations
