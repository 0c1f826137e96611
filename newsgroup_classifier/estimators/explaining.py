"""Explain predictions in memory: which words of a text speak for and against a label.

    explain_texts(pipeline, ["the orbit of the moon"], [14], count=5)

Networks are explained by explanations.explanation.explain_by_removal. Serving containers and the
Lambda function give the same numbers. For linear models, the row of a word has its share of the
text's features; for others, the features of the text without the word.
"""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack, issparse, vstack
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.linear_scores import linear_scores
from newsgroup_classifier.estimators.linear_text.classifier import LinearText
from newsgroup_classifier.explanations.explanation import (
    DECISION,
    PROBABILITY,
    Explanation,
    explain_by_removal,
    fractions,
    read_scores,
)
from newsgroup_classifier.explanations.words import (
    HIDDEN,
    Spans,
    find_words,
    hide_each,
    without_each,
)
from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.hashed_text.places import word_scores

_COUNTS = (CountVectorizer, TfidfVectorizer, HashingVectorizer)


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


def measure_of(pipeline: Any, first_steps: int = -1) -> str:
    """Return what explanations of a pipeline measure: "decision" if it is linear in its n-grams.

    `first_steps` of the pipeline, those of its recipe, make the features of texts. The step that
    follows is linear in them only if it is the last one.
    """
    transformers, rest = pipeline[:first_steps], pipeline[first_steps:]
    try:
        linear_scores(rest[0] if len(rest) == 1 else rest)
    except NotExportable:
        return PROBABILITY
    exact = type(transformers[-1]) is LinearText and len(transformers) == 1
    return DECISION if exact or _counts_ngrams(transformers) else PROBABILITY


def word_rows(transformers: Any, text: str, row: Any, measure: str) -> tuple[Spans, Any]:
    """Return the words of a text that are examined, and rows of features (words + 1, features).

    The last row is that of the base. `row` is the text's own. Only the first MOST_WORDS words are
    examined, unless the places of n-grams are known (LinearText).
    """
    if measure != DECISION:
        spans, texts = without_each(text)
        return spans, feature_matrix(transformers.transform(texts))
    if type(transformers[-1]) is LinearText:
        spans, model = find_words(text), transformers[-1].model_
        return spans, np.vstack([word_scores(model, text, spans), model.intercepts])
    spans, texts = hide_each(text)
    counts = csr_matrix(_counts(transformers, [text, *texts]))
    columns = counts[0].indices
    known = counts[:, columns].toarray()
    parts = fractions(known[0], known[1:]) * csr_matrix(row)[:, columns].toarray()
    words, places = np.nonzero(parts)
    shape = (len(spans) + 1, counts.shape[1])
    return spans, csr_matrix((parts[words, places], (words, columns[places])), shape=shape)


def stack(parts: Sequence[Any]) -> Any:
    """Return matrices of rows, all sparse or all dense, as one of the type of the first."""
    if issparse(parts[0]):
        return vstack(parts, format="csr", dtype=parts[0].dtype)
    return np.vstack(parts)


def _counts_ngrams(step: Any) -> bool:
    """Return whether a step counts the n-grams of texts, and at most weighs them."""
    if type(step) is FeatureUnion:
        return all(_counts_ngrams(part) for _, part in step.transformer_list if part != "drop")
    if type(step) is not Pipeline:
        return type(step) in _COUNTS
    parts = [part for _, part in step.steps if part not in (None, "passthrough")]
    while parts and type(parts[0]) is FunctionTransformer:
        parts.pop(0)
    weighs = all(type(part) is TfidfTransformer for part in parts[1:])
    return bool(parts) and _counts_ngrams(parts[0]) and weighs


def _counts(step: Any, texts: Any) -> Any:
    """Return how often each n-gram of such a step occurs in texts: (texts, features)."""
    if type(step) is FeatureUnion:
        parts = [part for _, part in step.transformer_list if part != "drop"]
        return hstack([_counts(part, texts) for part in parts], format="csr")
    if type(step) is Pipeline:
        for _, part in step.steps:
            if type(part) is FunctionTransformer:
                texts = part.transform(texts)
            elif type(part) in (*_COUNTS, FeatureUnion, Pipeline):
                texts = _counts(part, texts)
        return texts
    plain = copy.copy(step)
    plain.binary, plain.dtype = False, np.float64  # bytes would overflow
    if type(step) is HashingVectorizer:
        plain.alternate_sign, plain.norm, analyze = False, None, step.build_analyzer()
        plain.analyzer = lambda text: [gram for gram in analyze(text) if HIDDEN not in gram]
        return plain.transform(texts)
    return CountVectorizer.transform(plain, texts)
