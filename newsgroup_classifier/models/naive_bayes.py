"""TF-IDF features and multinomial naive Bayes, as in the project's newsgroup tutorial."""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.text.cleaning import clean_posts, words


def build_naive_bayes(alpha: float = 0.01) -> Pipeline:
    """Return the unfitted pipeline from raw posts to labels; alpha is the additive smoothing."""
    return Pipeline(
        [
            ("clean", FunctionTransformer(clean_posts)),
            ("tfidf", TfidfVectorizer(analyzer=words)),
            ("classify", MultinomialNB(alpha=alpha)),
        ]
    )
