"""A pipeline that the Lambda function does not reproduce is refused with the part to blame."""

import re

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.decision_probabilities import DecisionProbabilities
from newsgroup_classifier.export.vectorizers import export
from tests.lambda_handler.vectorizers.small_pipelines import ABOUT, corpus


def upper(text):
    return text.upper()


class Careful(LogisticRegression):
    """A classifier that does not predict the most probable label."""

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, -1] > 0.3).astype(int)]


def lengths(texts):
    return np.array([[len(text)] for text in texts])


@pytest.mark.filterwarnings("ignore")  # of scikit-learn about such parts
@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            (CountVectorizer(tokenizer=str.split), MultinomialNB()),
            "CountVectorizer has tokenizer=split",
        ),
        ((CountVectorizer(preprocessor=upper), MultinomialNB()), "has preprocessor=upper"),
        ((CountVectorizer(analyzer=str.split), MultinomialNB()), "has analyzer=split"),
        ((CountVectorizer(token_pattern="(a+)+b|."), MultinomialNB()), "token_pattern '(a+)+b|.'"),
        ((TfidfVectorizer(dtype=np.float32), LogisticRegression()), "has the dtype float32"),
        ((CountVectorizer(dtype=bool), MultinomialNB()), "has the dtype bool"),
        ((CountVectorizer(dtype=np.uint8), MultinomialNB()), "has the dtype uint8"),
        ((CountVectorizer(dtype=np.float32), MultinomialNB()), "has the dtype float32"),
        ((CountVectorizer(ngram_range=(1, 33)), MultinomialNB()), "n-grams of 1 to 33 symbols"),
        ((CountVectorizer(ngram_range=(0, 1)), MultinomialNB()), "n-grams of 0 to 1 symbols"),
        ((HashingVectorizer(n_features=2**22), SGDClassifier("log_loss")), "weights have 101 MB"),
        (
            (HashingVectorizer(n_features=9), TfidfTransformer(), LogisticRegression()),
            "of plain counts",
        ),
        ((TfidfVectorizer(), TfidfTransformer(), LogisticRegression()), "of plain counts"),
        ((TfidfVectorizer(norm=None), TfidfTransformer(), LogisticRegression()), "of plain counts"),
        (
            (
                FeatureUnion([("words", CountVectorizer())], transformer_weights={"words": 3}),
                TfidfTransformer(),
                LogisticRegression(),
            ),
            "of plain counts",
        ),
        ((CountVectorizer(), MultinomialNB(alpha=0, force_alpha=True)), "infinite or huge values"),
        (
            (
                HashingVectorizer(n_features=64, alternate_sign=False, norm=None),
                TfidfTransformer(smooth_idf=False),
                LogisticRegression(),
            ),
            "infinite or huge values",
        ),
        (
            (
                FeatureUnion([("words", CountVectorizer())], transformer_weights={"words": 1e10}),
                MultinomialNB(),
            ),
            "infinite or huge values",
        ),
        ((CountVectorizer(), Careful()), "Careful is not a linear classifier that Lambda reprod"),
        ((CountVectorizer(), BernoulliNB()), "BernoulliNB is not a linear classifier"),
        (
            (CountVectorizer(), FunctionTransformer(), LogisticRegression()),
            "FunctionTransformer between vectorizer and classifier",
        ),
        (
            (FeatureUnion([("lengths", FunctionTransformer(lengths))]), LogisticRegression()),
            "FunctionTransformer is not a vectorizer of texts",
        ),
        (
            (CountVectorizer(), DecisionTreeClassifier()),
            "DecisionTreeClassifier is not a linear classifier",
        ),
        ((CountVectorizer(), DecisionProbabilities(SVC())), "SVC is not a linear classifier"),
        (
            (CountVectorizer(), CalibratedClassifierCV(LinearSVC())),
            "CalibratedClassifierCV is not a linear classifier",
        ),
        (
            (CountVectorizer(), SGDClassifier(loss="modified_huber")),
            "SGDClassifier is not a linear classifier",
        ),
    ],
)
def test_part_that_the_function_does_not_reproduce_is_named(steps, words):
    texts, labels = corpus(3)
    pipeline = make_pipeline(*steps).fit(texts, labels)
    with pytest.raises(NotExportable, match=re.escape(words)):
        export(pipeline, ABOUT)


@pytest.mark.parametrize("first", [["passthrough"], ["passthrough", None], []])
def test_pipeline_without_a_vectorizer_is_not_exported(first):
    numbers = np.arange(6).reshape(3, 2)
    pipeline = make_pipeline(*first, MultinomialNB()).fit(numbers, [0, 1, 2])
    with pytest.raises(NotExportable, match="no vectorizer before the classifier"):
        export(pipeline, ABOUT)
