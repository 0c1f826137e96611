"""An explanation names the words with the largest contributions, which add up to the value."""

import numpy as np
import pytest

from newsgroup_classifier.explanations.explanation import (
    DECISION,
    PROBABILITY,
    explain_by_removal,
    fractions,
    read_scores,
)

TEXT, SPANS = "no orbit yet", [(0, 2), (3, 8), (9, 12)]


def test_decision_values_are_scores_less_their_mean():
    scores = np.array([[3.0, 1.0], [0.5, -0.5], [2.0, 1.0], [0.1, 0.2], [0.2, 0.4]])
    findings = read_scores(scores, DECISION, 0)
    explanation = findings.explanation(TEXT, SPANS, 2)
    assert (explanation.value, explanation.base) == (1.0, pytest.approx(-0.1))
    assert [word.text for word in explanation.words] == ["no", "orbit"]  # equal: in their order
    assert explanation.rest == pytest.approx(1.0 + 0.1 - 0.5 - 0.5)


def test_explanation_of_a_probability_says_what_removal_changes():
    scores = np.array([[0.9, 0.1], [0.95, 0.05], [0.2, 0.8], [0.9, 0.1], [0.5, 0.5]])
    explanation = read_scores(scores, PROBABILITY, 0).explanation(TEXT, SPANS, 2)
    assert explanation.as_dict("space") == {
        "label": "space",
        "measure": "probability",
        "value": 0.9,
        "base": 0.5,
        "rest": pytest.approx(0.9 - 0.5 - 0.7 + 0.05),
        "words": [
            {"text": "orbit", "start": 3, "end": 8, "contribution": pytest.approx(0.7)},
            {"text": "no", "start": 0, "end": 2, "contribution": pytest.approx(-0.05)},
        ],
    }


def test_ngram_of_two_words_counts_half_for_each():
    # Features: a, b, "a b"; the text is "a b b", and only its first two words are examined.
    whole = np.array([1, 2, 1])
    hidden = np.array([[1, 1, 1], [0, 1, 0], [1, 0, 0]])  # "a b", then without a, without b
    assert fractions(whole, hidden).tolist() == [[1, 0, 0.5], [0, 0.5, 0.5]]


def test_removal_asks_for_all_texts_without_a_word_in_one_batch():
    batches = []

    def predict_proba(texts):
        batches.append(texts)
        hits = np.array([0.5 + 0.4 * ("orbit" in text) for text in texts])
        return np.column_stack([1 - hits, hits])

    (explanation,) = explain_by_removal(predict_proba, [TEXT], [1], 1)
    assert batches == [[TEXT, " orbit yet", "no  yet", "no orbit ", "  "]]
    assert explanation.words[0].text == "orbit"
    assert explanation.words[0].contribution == pytest.approx(0.4)
