"""Count terms in hashed columns, without a vocabulary."""

from typing import Any

from sklearn.feature_extraction.text import HashingVectorizer


def hashed_counts(analyzer: Any, bits: int) -> HashingVectorizer:
    """Return a vectorizer without a vocabulary, with 2 to the power of `bits` columns."""
    # Naive Bayes refuses negative counts, and TF-IDF does the scaling.
    return HashingVectorizer(analyzer=analyzer, n_features=2**bits, alternate_sign=False, norm=None)
