"""Explanations: the contribution of each word of a text to what a model says of one label.

`base + sum of the words' contributions + rest = value`, where `base` is the value of a text without
these words, and `rest` is the contribution of all other words and of the characters between words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from newsgroup_classifier.explanations.words import Spans, without_each

DECISION, PROBABILITY = "decision", "probability"  # what contributions are measured in
_DIGITS = 8  # up to which contributions are told apart, since floats of two machines differ


@dataclass(frozen=True)
class Word:
    """A word, its place in the text in code points, and its contribution to the label's value."""

    text: str
    start: int
    end: int
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """The words with the largest contributions for (positive) or against (negative) a label.

    With the measure "decision", values are decision values: the score of the label less the mean
    score of all labels. `base` is the intercept, and the contributions of all words are exact: each
    n-gram counts in equal parts for the words that it covers. With the measure "probability",
    a contribution is the probability of the label less that of the text without the word, and
    `base` is the probability for the text without all words that were examined.
    """

    measure: str
    value: float
    base: float
    rest: float
    words: tuple[Word, ...]

    def as_dict(self, label: str) -> dict[str, Any]:
        """Return the one shape that explanations have everywhere."""
        words = [vars(word) for word in self.words]
        return {"label": label} | vars(self) | {"words": words}


@dataclass(frozen=True)
class Findings:
    """What a model says of one label for a text, and for the words found in it.

    `words` are contributions if the measure is "decision", and otherwise the probabilities of the
    text without each word.
    """

    measure: str
    value: float
    base: float
    words: np.ndarray

    def explanation(self, text: str, spans: Spans, count: int) -> Explanation:
        """Return the `count` words with the largest contributions; equal ones in their order."""
        contributions = self.words if self.measure == DECISION else self.value - self.words
        order = np.argsort(-np.abs(contributions).round(_DIGITS), kind="stable")[:count]
        words = tuple(
            Word(text[start:end], start, end, float(contributions[place]))
            for place in order.tolist()
            for start, end in [spans[place]]
        )
        rest = self.value - self.base - sum(word.contribution for word in words)
        return Explanation(self.measure, float(self.value), float(self.base), float(rest), words)


def read_scores(scores: np.ndarray, measure: str, label: int) -> Findings:
    """Return the findings for a label from scores or probabilities (words + 2, labels).

    The first row is the text's, the last one is the base, and the words' are between them.
    """
    values = scores[:, label]
    if measure == DECISION:
        values = values - scores.mean(axis=1)
    return Findings(measure, values[0], values[-1], values[1:-1])


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


def fractions(whole: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return which part of each feature of a text is due to each word: (words, features).

    `whole` has the counts of the features, and `hidden` those of the results of `hide_each`, all
    without n-grams that have HIDDEN: as hashes, they would count for the features of others. An
    n-gram is lost if any of its words is hidden, so it counts in equal parts.
    """
    counts = np.minimum(hidden[0], whole)
    lost = np.maximum(hidden[0] - hidden[1:], 0)
    total = lost.sum(axis=0)
    parts: np.ndarray = lost * (counts / np.maximum(whole, 1) / np.where(total == 0, 1, total))
    return parts
