"""Words, punctuation and characters as TF-IDF n-grams, and three linear models that vote."""

from collections.abc import Mapping
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from newsgroup_classifier.estimators.linear_vote import LinearVote, RatioLogistic

# Punctuation marks are words here: how an author uses semicolons tells much.
WORD_OR_MARK = r"(?u)\w+|[^\w\s]"
_MARGIN_FACTOR = 3.0  # turns a support vector machine's margins into log odds, about


def build_ngrams(values: Mapping[str, Any]) -> Pipeline:
    """Return the unfitted pipeline from raw texts to labels; `values` are the hyperparameters."""
    words = TfidfVectorizer(
        lowercase=False,
        token_pattern=WORD_OR_MARK,
        ngram_range=(1, values["word_ngrams"]),
        sublinear_tf=True,
    )
    characters = TfidfVectorizer(
        lowercase=False,
        analyzer="char",
        ngram_range=(1, values["character_ngrams"]),
        min_df=values["character_min_df"],
        sublinear_tf=True,
    )
    voters = [
        (MultinomialNB(alpha=values["alpha"]), 1.0),
        (RatioLogistic(C=values["c"]), 1.0),
        (LinearSVC(C=values["margin_c"], tol=1e-3, random_state=0), _MARGIN_FACTOR),
    ]
    union = FeatureUnion([("words", words), ("characters", characters)])
    return Pipeline([("count", union), ("vote", LinearVote(voters))])
