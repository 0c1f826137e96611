"""Posts of Reddit to subreddits: an embedding under neighbours or trees, n-grams under margins.

The embedding is learned from the posts (latent semantic analysis), or is the mean of pre-trained
word vectors; either way its rows have length 1, so that near means alike.
"""

from collections.abc import Mapping
from typing import Any

from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer
from sklearn.svm import LinearSVC

from newsgroup_classifier.estimators.linear_vote import LinearVote
from newsgroup_classifier.estimators.steady_neighbors import SteadyNeighbors
from newsgroup_classifier.text.posts import clean_posts, first_words
from newsgroup_classifier.text.word_vectors import WordVectors

VECTORS_PARAMETER = "embed__path"
_WORD = r"(?u)\b\w+\b"
_MARGIN_FACTOR = 3.0  # turns a support vector machine's margins into log odds, about
Values = Mapping[str, Any]
Steps = list[tuple[str, Any]]


def build_neighbors(values: Values) -> Pipeline:
    """Return the unfitted pipeline from raw posts to the classes of their nearest neighbours."""
    classify = SteadyNeighbors(values["neighbors"], weights=values["weights"])
    return Pipeline([*_embedding(values), ("classify", classify)])


def build_boosting(values: Values) -> Pipeline:
    """Return the unfitted pipeline from raw posts to boosted trees of scikit-learn."""
    classify = HistGradientBoostingClassifier(
        learning_rate=values["learning_rate"],
        max_iter=values["rounds"],
        max_leaf_nodes=values["leaves"],
        min_samples_leaf=values["leaf"],
        max_features=values["feature_share"],
        early_stopping=False,
        random_state=0,
    )
    return Pipeline([*_embedding(values), ("classify", classify)])


def build_xgboost(values: Values) -> Pipeline:
    """Return the unfitted pipeline from raw posts to boosted trees of XGBoost."""
    # The serving image has no XGBoost; the artifact brings it along for this recipe alone.
    from xgboost import XGBClassifier

    classify = XGBClassifier(
        learning_rate=values["learning_rate"],
        n_estimators=values["rounds"],
        max_depth=values["depth"],
        min_child_weight=values["leaf_weight"],
        colsample_bynode=values["feature_share"],
        subsample=values["row_share"],
        tree_method="hist",
        max_bin=64,
        random_state=0,
    )
    return Pipeline([*_embedding(values), ("classify", classify)])


def build_linear(values: Values) -> Pipeline:
    """Return the unfitted pipeline from raw posts to support vectors on n-grams.

    LinearVote gives their margins as probabilities.
    """
    words = TfidfVectorizer(
        token_pattern=_WORD,
        ngram_range=(1, values["word_ngrams"]),
        min_df=values["word_min_df"],
        sublinear_tf=True,
    )
    # A post begins with its title: what it says counts twice.
    begin = FunctionTransformer(first_words, kw_args={"count": values["title_words"]})
    union = FeatureUnion(
        [
            ("words", words),
            ("characters", _characters(values)),
            ("title", Pipeline([("begin", begin), ("characters", _characters(values))])),
        ],
        transformer_weights={
            "words": values["words_weight"],
            "title": values["title_weight"],
        },
    )
    margins = LinearSVC(C=values["margin_c"], tol=1e-3, random_state=0)
    vote = LinearVote([(margins, _MARGIN_FACTOR)])
    return Pipeline([_cleaning(), ("count", union), ("vote", vote)])


def _characters(values: Values) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, values["character_ngrams"]),
        min_df=values["character_min_df"],
        sublinear_tf=True,
    )


def _embedding(values: Values) -> Steps:
    """Return the steps from raw posts to rows of length 1."""
    if values["embedding"] == "vectors":
        embed: Steps = [("embed", WordVectors())]
    else:
        weigh = TfidfVectorizer(
            token_pattern=_WORD, min_df=2, sublinear_tf=True, stop_words="english"
        )
        embed = [("weigh", weigh), ("embed", TruncatedSVD(values["dimensions"], random_state=0))]
    return [_cleaning(), *embed, ("normalize", Normalizer())]


def _cleaning() -> tuple[str, Any]:
    return "clean", FunctionTransformer(clean_posts)
