"""Reddit posts to subreddits: an embedding under neighbors or trees, or n-grams under an SVM.

The embedding is learned from the posts (latent semantic analysis), or is the mean of pre-trained
word vectors. Either way its rows have length 1, so that near posts have similar words.
"""

from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    Hyperparameters,
    IntParameter,
    chosen,
)
from newsgroup_classifier.recipe import Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval
from newsgroup_classifier.shared_hyperparameters import SEARCH

_WORD = r"(?u)\b\w+\b"
_MARGIN_FACTOR = 3.0  # turns an SVM's margins into approximate log odds


def build_neighbors(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to the classes of their nearest neighbors."""
    from newsgroup_classifier.estimators.steady_neighbors import SteadyNeighbors

    count, weights = hyperparameters["n_neighbors"], hyperparameters["weights"]
    return _embedding_under(SteadyNeighbors(count, weights=weights), hyperparameters)


def build_boosting(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to boosted trees of scikit-learn."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    classify = HistGradientBoostingClassifier(
        **chosen(hyperparameters, "learning_rate", "max_iter", "max_features"),
        **chosen(hyperparameters, "max_leaf_nodes", "min_samples_leaf"),
        early_stopping=False,
        random_state=0,
    )
    return _embedding_under(classify, hyperparameters)


def build_xgboost(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to boosted trees of XGBoost."""
    # The serving image has no XGBoost; the artifact of this recipe brings it along.
    from xgboost import XGBClassifier

    classify = XGBClassifier(
        **chosen(hyperparameters, "learning_rate", "n_estimators", "max_depth"),
        **chosen(hyperparameters, "min_child_weight", "colsample_bynode", "subsample"),
        tree_method="hist",
        max_bin=64,
        random_state=0,
    )
    return _embedding_under(classify, hyperparameters)


def _embedding_under(classify: Any, hyperparameters: Hyperparameters) -> Any:
    """Return the pipeline from raw posts to rows of length 1, and from them to labels."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, Normalizer

    from newsgroup_classifier.text.posts import clean_posts
    from newsgroup_classifier.text.word_vectors import WordVectors

    embed: list[tuple[str, Any]] = [("embed", WordVectors())]
    if hyperparameters["embedding"] != "vectors":
        weigh = TfidfVectorizer(
            token_pattern=_WORD, min_df=2, sublinear_tf=True, stop_words="english"
        )
        reduce = TruncatedSVD(hyperparameters["n_components"], random_state=0)
        embed = [("weigh", weigh), ("embed", reduce)]
    steps = [("clean", FunctionTransformer(clean_posts)), *embed, ("normalize", Normalizer())]
    return Pipeline([*steps, ("classify", classify)])


def build_linear(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to an SVM on n-grams.

    A softmax turns its margins into probabilities.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.svm import LinearSVC

    from newsgroup_classifier.estimators.linear_sum import LinearSum
    from newsgroup_classifier.text.posts import clean_posts, first_words

    words = TfidfVectorizer(
        token_pattern=_WORD,
        ngram_range=(1, hyperparameters["word_ngrams"]),
        min_df=hyperparameters["word_min_df"],
        sublinear_tf=True,
    )
    characters, characters_of_title = (
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, hyperparameters["character_ngrams"]),
            min_df=hyperparameters["character_min_df"],
            sublinear_tf=True,
        )
        for _ in range(2)
    )
    # A post begins with its title, which counts twice.
    begin = FunctionTransformer(first_words, kw_args={"count": hyperparameters["title_words"]})
    union = FeatureUnion(
        [
            ("words", words),
            ("characters", characters),
            ("title", Pipeline([("begin", begin), ("characters", characters_of_title)])),
        ],
        transformer_weights={
            part: hyperparameters[f"{part}_weight"] for part in ("words", "title")
        },
    )
    margins = LinearSVC(C=hyperparameters["C"], tol=1e-3, random_state=0)
    vote = LinearSum([(margins, _MARGIN_FACTOR)], half_precision=True)
    return Pipeline([("clean", FunctionTransformer(clean_posts)), ("count", union), ("vote", vote)])


_DATASET = "subreddits"
_VECTORS = "embed__path"
_MEASURED_ON = "5 folds of 3,520 posts"
_EMBEDDING = (
    ChoiceParameter("embedding", "learned", "learned or uploaded vectors", ("learned", "vectors")),
    IntParameter("n_components", 300, "dimensions if it is learned", 2, 2000, was="dimensions"),
)
_RATE = FloatParameter("learning_rate", 0.1, "weight of each new tree", 0.0, 1.0)

NEIGHBORS = ScikitLearnRecipe(
    name="subreddits-neighbors",
    summary="Reddit posts: an embedding, and the nearest posts vote",
    dataset=_DATASET,
    accuracy=Measured(0.4602, _MEASURED_ON),
    hyperparameters=(
        *_EMBEDDING,
        IntParameter("n_neighbors", 15, "nearest posts that vote", 1, 1000, was="neighbors"),
        ChoiceParameter("weights", "distance", "how they vote", ("uniform", "distance")),
        *SEARCH,
    ),
    space=(Interval("n_neighbors", 3, 40, whole=True), Choices("weights", ("uniform", "distance"))),
    build=build_neighbors,
    vectors=_VECTORS,
    keeps_texts=True,
)

BOOSTING = ScikitLearnRecipe(
    name="subreddits-boosting",
    summary="Reddit posts: an embedding, and scikit-learn's boosted trees",
    dataset=_DATASET,
    accuracy=Measured(0.4580, _MEASURED_ON),
    hyperparameters=(
        *_EMBEDDING,
        _RATE,
        IntParameter("max_iter", 100, "iterations, with one tree per class", 1, 2000, was="rounds"),
        IntParameter("max_leaf_nodes", 8, "maximum leaves of a tree", 2, 1000, was="leaves"),
        IntParameter("min_samples_leaf", 20, "minimum rows of a leaf", 1, 1_000_000, was="leaf"),
        FloatParameter(
            "max_features", 0.2, "share of columns per node", 0.0, 1.0, was="feature_share"
        ),
        *SEARCH,
    ),
    space=(
        Interval("learning_rate", 0.03, 0.3, LOGARITHMIC),
        Choices("max_leaf_nodes", (4, 8, 16)),
        Choices("min_samples_leaf", (10, 20, 40)),
    ),
    build=build_boosting,
    vectors=_VECTORS,
)

XGBOOST = ScikitLearnRecipe(
    name="subreddits-xgboost",
    summary="Reddit posts: an embedding, and XGBoost's boosted trees",
    dataset=_DATASET,
    accuracy=Measured(0.4673, _MEASURED_ON),
    hyperparameters=(
        *_EMBEDDING,
        _RATE,
        IntParameter("n_estimators", 100, "rounds, with one tree per class", 1, 2000, was="rounds"),
        IntParameter("max_depth", 4, "maximum levels of a tree", 1, 20, was="depth"),
        FloatParameter(
            "min_child_weight", 1.0, "minimum weight of leaves", lowest=0.0, was="leaf_weight"
        ),
        FloatParameter("subsample", 0.8, "share of the rows per tree", 0.0, 1.0, was="row_share"),
        FloatParameter(
            "colsample_bynode", 0.2, "share of columns per node", 0.0, 1.0, was="feature_share"
        ),
        *SEARCH,
    ),
    space=(
        Interval("learning_rate", 0.03, 0.3, LOGARITHMIC),
        Choices("max_depth", (3, 4, 6)),
        Choices("subsample", (0.6, 0.8, 1.0)),
    ),
    build=build_xgboost,
    packages=("xgboost-cpu",),
    vendored=("xgboost",),
    vectors=_VECTORS,
)

LINEAR = ScikitLearnRecipe(
    name="subreddits-linear",
    summary="Reddit posts: words and characters as n-grams, support vectors",
    dataset=_DATASET,
    accuracy=Measured(0.6239, _MEASURED_ON),
    hyperparameters=(
        IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
        IntParameter("word_min_df", 1, "minimum texts with a word n-gram", 1, 1000),
        IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 2, 7),
        IntParameter("character_min_df", 2, "minimum texts with a character n-gram", 1, 1000),
        IntParameter("title_words", 20, "first words, whose characters count twice", 1, 1000),
        FloatParameter("title_weight", 0.7, "weight of these characters", lowest=0.0),
        FloatParameter("words_weight", 1.0, "weight of the word n-grams", lowest=0.0),
        FloatParameter("C", 0.5, "inverse regularization of the SVM", above=0.0, was="margin_c"),
        *SEARCH,
    ),
    space=(
        Choices("C", (0.25, 0.5, 1.0)),
        Choices("title_words", (12, 20, 35)),
        Choices("title_weight", (0.5, 0.7, 1.0)),
    ),
    build=build_linear,
)
