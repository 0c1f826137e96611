"""TF-IDF features and multinomial naive Bayes, as in the project's newsgroup tutorial."""

from typing import Any

from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.text.cleaning import clean_posts, words


def build_naive_bayes(alpha: float = 0.01, hash_bits: int = 0) -> Pipeline:
    """Return the unfitted pipeline from raw posts to labels; alpha is the additive smoothing.

    With `hash_bits` the columns are 2 to that power and hold whatever words are hashed to them.
    """
    weigh: list[tuple[str, Any]] = [("tfidf", TfidfVectorizer(analyzer=words))]
    if hash_bits:
        weigh = [
            ("hash", hashed_counts(words, hash_bits)),
            ("tfidf", TfidfTransformer()),
        ]
    return Pipeline(
        [
            ("clean", FunctionTransformer(clean_posts)),
            *weigh,
            ("classify", MultinomialNB(alpha=alpha)),
        ]
    )


def hashed_counts(analyzer: Any, bits: int) -> HashingVectorizer:
    """Return what counts terms by their hash, without a vocabulary."""
    # Counts stay counts: naive Bayes takes no negative ones, and TF-IDF does the scaling.
    return HashingVectorizer(analyzer=analyzer, n_features=2**bits, alternate_sign=False, norm=None)
