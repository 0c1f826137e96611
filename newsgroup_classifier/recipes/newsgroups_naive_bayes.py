"""TF-IDF features and multinomial naive Bayes, as in the newsgroup tutorial."""

from typing import Any

from newsgroup_classifier.hyperparameters import FloatParameter, Hyperparameters
from newsgroup_classifier.recipe import Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import FOLDS, HASHED, STREAMED


def build(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw posts to labels."""
    from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    from newsgroup_classifier.text.cleaning import clean_posts, hashed_counts, words

    features: list[tuple[str, Any]] = [("tfidf", TfidfVectorizer(analyzer=words))]
    if hyperparameters.get("features") == HASHED:
        features = [
            ("hash", hashed_counts(words, hyperparameters["hash_bits"])),
            ("tfidf", TfidfTransformer()),
        ]
    return Pipeline(
        [
            ("clean", FunctionTransformer(clean_posts)),
            *features,
            ("classify", MultinomialNB(alpha=hyperparameters["alpha"])),
        ]
    )


NAIVE_BAYES = ScikitLearnRecipe(
    name="newsgroups-naive-bayes",
    summary="20 Newsgroups posts: TF-IDF and multinomial naive Bayes",
    dataset="20newsgroups",
    accuracy=Measured(0.8188, "test channel"),
    hyperparameters=(
        FloatParameter("alpha", 0.01, "additive smoothing of naive Bayes", above=0.0),
        FOLDS,
        *STREAMED,
    ),
    space=(Choices("alpha", (0.001, 0.01, 0.1, 1.0)),),
    build=build,
    least_lines=6,
    own_data_refusal="it drops the first five lines of every text, the header of a post",
)
