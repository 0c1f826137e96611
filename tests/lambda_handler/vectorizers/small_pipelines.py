"""Small pipelines of vectorizers and linear classifiers, and their models for Lambda."""

from functools import cache

import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import LinearSVC

from lambda_handler.model import Model, load_model
from newsgroup_classifier.estimators.decision_probabilities import DecisionProbabilities
from newsgroup_classifier.export.vectorizers import export

WORDS = [
    "the",
    "moon",
    "Straße",
    "crème",
    "brûlée",
    "日本語",
    "テスト",
    "не",
    "знаю",
    "مرحبا",
    "🙂",
]
WORDS += ["İstanbul", "ﬁne", "don't", "a", "B2", "e\u0301te", "x_y", "...", "ΑΣ", "१२"]


def corpus(labels):
    rng = np.random.default_rng(labels)
    numbers = np.arange(90) % labels
    texts = [
        " ".join(rng.choice(WORDS[number::2] + WORDS[:3], rng.integers(1, 9))) for number in numbers
    ]
    return texts, numbers


VECTORIZERS = {
    "words": TfidfVectorizer(),
    "counted words": CountVectorizer(ngram_range=(1, 3), token_pattern=r"\w+|[^\w\s]"),
    "pairs alone": CountVectorizer(ngram_range=(2, 2), lowercase=False, binary=True),
    "without stop words": TfidfVectorizer(stop_words="english", sublinear_tf=True, norm="l1"),
    "without accents": TfidfVectorizer(strip_accents="unicode", use_idf=False, norm=None),
    "in ASCII": TfidfVectorizer(strip_accents="ascii", analyzer="char", ngram_range=(1, 3)),
    "characters": CountVectorizer(analyzer="char", ngram_range=(2, 5), lowercase=False),
    "characters in words": TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 6), max_df=0.5),
    "hashes": HashingVectorizer(n_features=64, ngram_range=(1, 2)),
    "unsigned hashes": HashingVectorizer(n_features=64, alternate_sign=False, norm=None),
    "binary hashes": HashingVectorizer(n_features=16, analyzer="char", binary=True, norm="l1"),
    "weights in a step": make_pipeline(
        CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)), TfidfTransformer(sublinear_tf=True)
    ),
    "hashes and weights": make_pipeline(
        HashingVectorizer(n_features=64, alternate_sign=False, norm=None), TfidfTransformer()
    ),
    "a union": FeatureUnion(
        [
            ("words", TfidfVectorizer(max_features=20)),
            ("none", "drop"),
            ("marks", make_pipeline(CountVectorizer(analyzer="char"), TfidfTransformer())),
        ],
        transformer_weights={"words": 2.0, "marks": 0.5},
    ),
}
CLASSIFIERS = {
    "logistic regression": LogisticRegression(C=10),
    "SVM": DecisionProbabilities(LinearSVC()),
    "ridge": DecisionProbabilities(RidgeClassifier()),
    "perceptron": DecisionProbabilities(Perceptron()),
    "logistic loss": SGDClassifier(loss="log_loss", random_state=0),
    "hinge loss": DecisionProbabilities(SGDClassifier(random_state=0)),
    "naive Bayes": MultinomialNB(),
    "complement naive Bayes": ComplementNB(),
}


ABOUT = {"recipe": "own-model", "label_names": ["a", "b", "c"]}


def lambda_model(pipeline, labels) -> Model:
    names = [f"label {number}" for number in range(labels)]
    about = {"recipe": "own-model", "label_names": names, "explanations": "decision"}
    return load_model(export(pipeline, about))


@cache
def fitted(vectorizer, classifier, labels):
    """Return a fitted pipeline of scikit-learn, and the model of the function."""
    parts = (clone(VECTORIZERS[vectorizer]), clone(CLASSIFIERS[classifier]))
    pipeline = make_pipeline(*parts)
    pipeline.fit(*corpus(labels))
    return pipeline, lambda_model(pipeline, labels)
