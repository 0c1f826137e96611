"""20 Newsgroups posts: TF-IDF under naive Bayes, as in the tutorial, or under two linear models.

The two, a gradient-fitted SVM and naive Bayes on words and pairs of words, make different errors:
each alone classifies 0.83 to 0.84 of the test posts correctly.
"""

from collections.abc import Callable
from typing import Any

from newsgroup_classifier.hyperparameters import FloatParameter, Hyperparameters, IntParameter
from newsgroup_classifier.recipe import Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import FOLDS, HASHED, READING, STREAM, STREAMED

_DATASET = "20newsgroups"
_LEAST_LINES = 6  # five of the header, and one of the post
_REFUSAL = "it drops the first five lines of every text, the header of a post"


def build_naive_bayes(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to labels."""
    from sklearn.naive_bayes import MultinomialNB

    from newsgroup_classifier.text.cleaning import words

    bayes = MultinomialNB(alpha=hyperparameters["alpha"])
    return _tfidf_under(bayes, hyperparameters, words)


def build_linear(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to the sum of two linear models."""
    from sklearn.linear_model import SGDClassifier
    from sklearn.naive_bayes import ComplementNB

    from newsgroup_classifier.estimators.linear_sum import LinearSum
    from newsgroup_classifier.text.cleaning import words_and_pairs

    passes = hyperparameters["max_iter"]
    gradients = SGDClassifier(
        loss="modified_huber",
        alpha=hyperparameters["sgd_alpha"],
        average=True,
        max_iter=passes,
        tol=None,
        random_state=0,
        n_jobs=-1,
    )
    # From a stream, naive Bayes counts each post once per pass, so its smoothing is scaled by their
    # number.
    counted = passes if hyperparameters[READING] == STREAM else 1
    bayes = ComplementNB(alpha=counted * hyperparameters["alpha"])
    # The softmax of the raw scores is underconfident; scaling does not change their order.
    sharpness = hyperparameters["sharpness"]
    voters = [(gradients, sharpness), (bayes, sharpness * hyperparameters["bayes_weight"])]
    vote, min_df = LinearSum(voters), hyperparameters["min_df"]
    return _tfidf_under(vote, hyperparameters, words_and_pairs, min_df, sublinear_tf=True)


def _tfidf_under(
    classify: Any,
    hyperparameters: Hyperparameters,
    analyzer: Callable[[str], list[str]],
    min_df: int = 1,
    **weights: Any,
) -> Any:
    """Return the pipeline from raw posts to TF-IDF, of terms or hashes, and from them to labels."""
    from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    from newsgroup_classifier.text.cleaning import clean_posts, hashed_counts

    vectorizer = TfidfVectorizer(analyzer=analyzer, min_df=min_df, **weights)
    features: list[tuple[str, Any]] = [("tfidf", vectorizer)]
    if hyperparameters.get("features") == HASHED:
        features = [
            ("hash", hashed_counts(analyzer, hyperparameters["hash_bits"])),
            ("tfidf", TfidfTransformer(**weights)),
        ]
    return Pipeline(
        [("clean", FunctionTransformer(clean_posts)), *features, ("classify", classify)]
    )


LINEAR = ScikitLearnRecipe(
    name="newsgroups-linear",
    summary="20 Newsgroups posts: TF-IDF of words and pairs, two linear models in one",
    dataset=_DATASET,
    accuracy=Measured(0.8506, "test channel"),
    hyperparameters=(
        IntParameter("min_df", 1, "minimum posts with a word or pair", 1, 1000),
        FloatParameter("sgd_alpha", 1e-4, "regularization of the SVM", above=0.0, was="penalty"),
        IntParameter("max_iter", 5, "passes of the SVM over the posts", 1, 100, was="epochs"),
        FloatParameter("alpha", 0.03, "additive smoothing of naive Bayes", above=0.0),
        FloatParameter("bayes_weight", 0.5, "weight of naive Bayes", lowest=0.0, was="bayes"),
        FloatParameter("sharpness", 3.0, "factor of the scores before the softmax", above=0.0),
        FOLDS,
        *STREAMED,
    ),
    space=(Choices("sgd_alpha", (5e-5, 1e-4, 2e-4)), Choices("bayes_weight", (0.3, 0.5, 1.0))),
    build=build_linear,
    least_lines=_LEAST_LINES,
    own_data_refusal=_REFUSAL,
)

NAIVE_BAYES = ScikitLearnRecipe(
    name="newsgroups-naive-bayes",
    summary="20 Newsgroups posts: TF-IDF and multinomial naive Bayes",
    dataset=_DATASET,
    accuracy=Measured(0.8188, "test channel"),
    hyperparameters=(
        FloatParameter("alpha", 0.01, "additive smoothing of naive Bayes", above=0.0),
        FOLDS,
        *STREAMED,
    ),
    space=(Choices("alpha", (0.001, 0.01, 0.1, 1.0)),),
    build=build_naive_bayes,
    least_lines=_LEAST_LINES,
    own_data_refusal=_REFUSAL,
)
