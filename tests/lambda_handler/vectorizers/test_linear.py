"""Vectorizers and linear classifiers of scikit-learn predict the same in the Lambda function."""

import re
import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import murmurhash3_32

from lambda_handler.errors import ModelError
from lambda_handler.model import Model, load_model
from lambda_handler.npz import read_npz
from lambda_handler.vectorizers.analyzers import murmur3
from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.decision_probabilities import DecisionProbabilities
from newsgroup_classifier.export.npz import write_npz
from newsgroup_classifier.export.vectorizers import export
from newsgroup_classifier.hashed_text.token_patterns import is_linear

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
    "Bernoulli naive Bayes": BernoulliNB(),
}


def lambda_model(pipeline, labels, folder) -> Model:
    names = [f"label {number}" for number in range(labels)]
    path = folder / "model.npz"
    path.write_bytes(export(pipeline, {"recipe": "own-model", "label_names": names}))
    return load_model(path)


@cache
def fitted(vectorizer, classifier, labels, folder):
    """Return a fitted pipeline of scikit-learn, and the model of the function."""
    parts = (clone(VECTORIZERS[vectorizer]), clone(CLASSIFIERS[classifier]))
    pipeline = make_pipeline(*parts)
    pipeline.fit(*corpus(labels))
    return pipeline, lambda_model(pipeline, labels, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


def check(pipeline, model, texts):
    expected, actual = pipeline.predict_proba(texts), model.predict_proba(texts)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9)


SEEN = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=12).map(" ".join)
NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
@given(texts=st.lists(st.one_of(SEEN, NO_SURROGATES), min_size=1, max_size=4))
@settings(max_examples=15)
def test_features_of_any_text_agree_with_scikit_learn(vectorizer, texts, folder):
    check(*fitted(vectorizer, "logistic regression", 3, folder), texts)


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_probabilities_of_a_classifier_agree_with_scikit_learn(classifier, labels, folder):
    texts, _ = corpus(labels)
    check(*fitted("counted words", classifier, labels, folder), [*texts, "", "unknown", "a " * 999])


def test_a_transformer_after_the_vectorizer_is_part_of_its_block(tmp_path):
    texts, labels = corpus(3)
    pipeline = make_pipeline(CountVectorizer(), TfidfTransformer(), MultinomialNB())
    check(pipeline.fit(texts, labels), lambda_model(pipeline, 3, tmp_path), texts)


def test_columns_follow_the_label_names_where_the_classes_are_names_in_another_order(tmp_path):
    texts, labels = corpus(3)
    names = np.array(["label 2", "label 0", "label 1"])
    pipeline = make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, names[labels])
    expected = pipeline.predict_proba(texts)[:, np.argsort(np.argsort(pipeline.classes_))]
    actual = lambda_model(pipeline, 3, tmp_path).predict_proba(texts)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9)


@given(st.binary(max_size=40))
def test_hash_agrees_with_scikit_learn(data):
    assert murmur3(data) == murmurhash3_32(data)


def upper(text):
    return text.upper()


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
        ((CountVectorizer(ngram_range=(1, 33)), MultinomialNB()), "more than 32 symbols"),
        ((HashingVectorizer(n_features=2**22), SGDClassifier("log_loss")), "weights have 101 MB"),
        (
            (HashingVectorizer(n_features=9), TfidfTransformer(), LogisticRegression()),
            "of plain counts",
        ),
        ((TfidfVectorizer(), TfidfTransformer(), LogisticRegression()), "of plain counts"),
        ((CountVectorizer(), MultinomialNB(alpha=0, force_alpha=True)), "infinite or huge values"),
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
        export(pipeline, {"recipe": "own-model", "label_names": ["a", "b", "c"]})


PATTERNS = [
    r"(?u)\b\w\w+\b", r"\w+", r"\S+", r"\w+|[^\w\s]", r"[a-z]+", r"\b[a-zA-Z0-9']+\b", r"[\w'-]+",
    r"\b\w{3,}\b", r"[^\s]+", r"\d{4}|\w+",
]  # fmt: skip
REFUSED = [
    *("(a+)+b", r"\w+\w+x", r"[a-z]+\b", r"(\w)\1", "a|b", "", r"\w*", r"[z-a]+", r"\w+|"),
    *(r"(?i)\w+", r"\w+" + r"|\w" * 10, r"[\w]" * 99, r"\w{1,9}\w{1,9}", r"[a]]+"),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_accepted_pattern_takes_time_in_proportion_to_the_text(pattern):
    assert is_linear(pattern)

    def seconds(size):
        texts = (
            "a" * size + "1_",
            "." * size,
            "a." * (size // 2),
            "-a" * (size // 2) + "_",
            "é" * size,
        )
        taken = []
        for _ in range(5):
            began = time.process_time()
            for text in texts:
                re.findall(pattern, text)
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(64_000) < 25 * seconds(8_000)


@pytest.mark.parametrize("pattern", REFUSED)
def test_pattern_that_may_take_longer_is_refused(pattern):
    assert not is_linear(pattern)


def parts_of(vectorizer, classifier, folder):
    """Return the manifest and the arrays of a model."""
    pipeline, _ = fitted(vectorizer, classifier, 3, folder)
    path = folder / "original.npz"
    about = {"recipe": "own-model", "label_names": ["a", "b", "c"]}
    path.write_bytes(export(pipeline, about))
    manifest, arrays = read_npz(path)
    del manifest["format"]
    return manifest, dict(arrays)


def loaded(folder, manifest, arrays):
    path = folder / "changed.npz"
    path.write_bytes(write_npz(manifest, arrays))
    return load_model(path)


MODELS = [("without stop words", "SVM"), ("a union", "logistic loss"), ("hashes", "SVM")]
every_model = pytest.mark.parametrize("names", MODELS, ids=lambda names: names[0])


@every_model
def test_model_without_an_array_or_an_entry_is_refused_with_its_name(names, folder):
    manifest, arrays = parts_of(*names, folder)
    for name in arrays:
        rest = {other: array for other, array in arrays.items() if other != name}
        with pytest.raises(ModelError, match=f"lacks the array {name}"):
            loaded(folder, manifest, rest)
    for entry in manifest["blocks"]:
        for name in entry:
            rest = [{key: entry[key] for key in entry if key != name}, *manifest["blocks"][1:]]
            if name != "pattern" or entry["analyzer"] == "word":
                with pytest.raises(ModelError, match=name):
                    loaded(folder, manifest | {"blocks": rest}, arrays)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"blocks": []}, "lacks the list blocks"),
        ({"blocks": "words"}, "lacks the list blocks"),
        ({"blocks": [1]}, "is not an object"),
        ({"blocks": 17}, "lacks the list blocks"),
        ({"versus": 1}, "versus 1"),
        ({"threshold": -1}, "threshold -1"),
        ({"pattern": "(a+)+b"}, "no token pattern that is supported"),
        ({"pattern": None}, "no token pattern that is supported"),
        ({"analyzer": "words"}, "analyzer 'words'"),
        ({"shortest": 0}, "shortest 0"),
        ({"longest": 10**6}, "longest 1000000"),
        ({"hashed": 2**30}, "idf_0 has"),
        ({"weight": 1e300}, "weight 1e"),
        ({"signed": True}, "logarithms of signed counts"),
        ({"lowercase": 1}, "lowercase 1"),
    ],
)
def test_model_with_an_invalid_manifest_is_refused(change, words, folder):
    manifest, arrays = parts_of(*MODELS[0], folder)
    (entry,) = manifest["blocks"]
    for name, value in change.items():
        if name in manifest:
            manifest[name] = (
                [entry] * value if isinstance(value, int) and name == "blocks" else value
            )
        else:
            manifest["blocks"] = [entry | {name: value}]
    with pytest.raises(ModelError, match=re.escape(words)):
        loaded(folder, manifest, arrays)


@every_model
@given(data=st.data())
@settings(max_examples=40)
def test_model_with_any_modified_number_is_refused_or_works(names, data, folder):
    manifest, arrays = parts_of(*names, folder)
    name = data.draw(st.sampled_from(sorted(name for name in arrays if arrays[name].size)))
    array = arrays[name].copy()
    at = data.draw(st.integers(0, array.size - 1))
    raw = array.reshape(-1)[at : at + 1].view(np.uint8)
    raw[:] = data.draw(st.lists(st.integers(0, 255), min_size=raw.size, max_size=raw.size))
    try:
        model = loaded(folder, manifest, arrays | {name: array})
    except ModelError:
        return
    probabilities = model.predict_proba(["the moon a", "", "x" * 100])
    assert probabilities.shape == (3, 3)
    assert ((probabilities >= 0) & (probabilities <= 1 + 1e-9)).all()
