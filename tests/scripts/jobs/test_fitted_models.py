"""A model that was trained elsewhere is read and checked before anything is uploaded."""

import pickle
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from scripts.jobs.fitted_models import read_model
from tests.scripts.jobs.reading_models import TEXTS, predicted, refusal

NAMES = ["printer", "billing", "access", "access"] * 3


@pytest.fixture
def save(tmp_path):
    """Return a function that saves an object, and returns the path."""

    def write(model, **options):
        path = tmp_path / "model.joblib"
        joblib.dump(model, path, **options)
        return path

    return write


def fitted(classifier=None, labels=NAMES):
    return make_pipeline(
        TfidfVectorizer(), LogisticRegression() if classifier is None else classifier
    ).fit(TEXTS, labels)


@pytest.mark.parametrize("options", [{}, {"compress": 3}, {"compress": ("gzip", 3)}])
def test_pipeline_with_names_as_classes_predicts_as_before(save, options):
    pipeline = fitted()
    model = read_model(save(pipeline, **options), None, ())
    assert model.label_names == ("access", "billing", "printer")
    names, probabilities = predicted(model)
    assert names == pipeline.predict(TEXTS).tolist()
    np.testing.assert_array_equal(probabilities, pipeline.predict_proba(TEXTS))


def test_plain_pickle_and_the_best_estimator_of_a_search_are_read_too(tmp_path):
    search = GridSearchCV(make_pipeline(CountVectorizer(), MultinomialNB()), {}, cv=2)
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(search.fit(TEXTS, NAMES)))
    assert predicted(read_model(path, None, ()))[0] == search.predict(TEXTS).tolist()


@pytest.mark.parametrize("numbers", [(0, 1, 2), (1, 5, 9), (-1.0, 0.0, 2.0), (2, 0, 1)])
def test_numbers_as_classes_get_the_names_of_labels_in_their_order(save, numbers):
    by_name = dict(zip(["access", "billing", "printer"], numbers, strict=True))
    pipeline = fitted(labels=[by_name[name] for name in NAMES])
    labels = sorted(by_name, key=by_name.__getitem__)
    names, probabilities = predicted(read_model(save(pipeline), labels, ()))
    assert names == NAMES
    np.testing.assert_array_equal(probabilities, pipeline.predict_proba(TEXTS))
    assert read_model(save(pipeline), None, ()).label_names == tuple(map(str, sorted(numbers)))


@pytest.mark.parametrize("classifier", [LinearSVC(), SVC()])
@pytest.mark.parametrize("labels", [NAMES, [name == "access" for name in NAMES]])
def test_decision_values_become_probabilities_by_a_softmax(save, classifier, labels):
    pipeline = fitted(classifier, labels)
    model = read_model(save(pipeline), None, ())
    names, probabilities = predicted(model)
    assert names == [str(label) for label in labels]
    values = pipeline.decision_function(TEXTS)
    if values.ndim == 1:
        np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-values)))
    else:
        odds = np.exp(values)
        np.testing.assert_allclose(probabilities, odds / odds.sum(axis=1, keepdims=True))


def test_package_that_the_image_lacks_is_named(save):
    from nltk.stem import PorterStemmer

    steps = (
        FunctionTransformer(kw_args={"s": PorterStemmer()}),
        CountVectorizer(),
        MultinomialNB(),
    )
    path = save(make_pipeline(*steps[1:]).fit(TEXTS, NAMES))
    model = joblib.load(path)
    model.steps.insert(0, ("stem", steps[0]))
    assert "needs nltk, which the scikit-learn image does not have" in refusal(save(model))


def older(state):
    return state | {"_sklearn_version": "1.4.2"}


def test_model_of_another_scikit_learn_is_refused_with_both_versions(save, monkeypatch):
    get_state = BaseEstimator.__getstate__
    monkeypatch.setattr(BaseEstimator, "__getstate__", lambda self: older(get_state(self)))
    path = save(fitted())
    monkeypatch.undo()
    message = refusal(path)
    assert "written with scikit-learn 1.4.2" in message
    assert f"Train the model again with scikit-learn {sklearn.__version__}" in message


class Silent(ClassifierMixin, BaseEstimator):
    """A classifier without probabilities and decision values."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(X.shape[0], self.classes_[0])


class Wrong(Silent):
    """A classifier whose probabilities do not add up to 1."""

    def predict_proba(self, X):
        return np.full((X.shape[0], len(self.classes_)), 0.9)


two = np.column_stack([NAMES, NAMES])
ragged = np.column_stack([NAMES, ["a", "b"] * 6])


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"model": 1}, "has a dict; expected a fitted scikit-learn Pipeline of two steps or more"),
        (LogisticRegression().fit([[1], [2]], ["a", "b"]), "has a LogisticRegression; expected"),
        (make_pipeline(TfidfVectorizer(), LogisticRegression()), "is not fitted; call fit"),
        (
            make_pipeline(StandardScaler(), LogisticRegression()).fit([[1], [2]], ["a", "b"]),
            "does not accept texts (ValueError: ",
        ),
        (
            make_pipeline(TfidfVectorizer(), LinearRegression()).fit(TEXTS, range(12)),
            "not a classif",
        ),
        (fitted(MultiOutputClassifier(LogisticRegression()), two), "not a classifier of one label"),
        (fitted(MultiOutputClassifier(LogisticRegression()), ragged), "a classifier of one label"),
        (
            fitted(VotingClassifier([("a", LogisticRegression())])),
            "no predict_proba and no decision",
        ),
        (fitted(SVC(decision_function_shape="ovo"), ["a", "b", "c", "d"] * 3), "returns 6 values"),
        (make_pipeline(FunctionTransformer(), "passthrough"), "not"),
    ],
)
def test_object_that_cannot_be_served_is_refused_with_the_reason(save, model, words):
    assert words in refusal(save(model))


def test_classifier_without_valid_probabilities_is_refused(save, monkeypatch):
    # Their module is of the tests, which the image lacks; that is tested above.
    monkeypatch.setattr("scripts.jobs.fitted_models.check_packages", lambda *_: None)
    assert "has no predict_proba and no decision_function" in refusal(save(fitted(Silent())))
    assert "has no probabilities: expected 3 numbers" in refusal(save(fitted(Wrong())))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected a file that joblib.dump wrote with scikit-learn"),
        (b"not a pickle at all", "expected a file that joblib.dump wrote with scikit-learn"),
        (b"PK\x03\x04rest", "expected a file that joblib.dump wrote with scikit-learn"),
        (b"\x89HDF\r\n\x1a\n", "expected a file that joblib.dump wrote with scikit-learn"),
        (pickle.dumps(SimpleNamespace(predict=1)), "has a SimpleNamespace; expected a fitted"),
        (b"cno_such_package\nthing\n.", "needs no_such_package, which the scikit-learn image"),
        (b"csklearn.linear_model.logistic\nX\n.", "cannot be read (ModuleNotFoundError"),
        (b"csklearn.linear_model\nGone\n.", "cannot be read (AttributeError"),
    ],
)
def test_file_that_has_no_model_is_refused(tmp_path, content, words):
    path = tmp_path / "model.joblib"
    path.write_bytes(content)
    assert words in refusal(path)


def test_missing_file_and_folder_are_refused_and_not_announced(tmp_path, capsys):
    assert "cannot be read: No such file" in refusal(tmp_path / "missing.joblib")
    assert "cannot be read: Is a directory" in refusal(tmp_path)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("labels", "numbers", "words"),
    [
        (["a", "b"], True, "--labels has 2 names, and the model in"),
        (["a", "b"], True, "has 3 classes: 0, 1, 2. Expected one name per class, in this order"),
        (["a", "b", "b"], True, "not distinct names"),
        (["a", "b", ""], True, "not distinct names"),
        (["access", "billing", "printers"], False, "Expected the same names"),
    ],
)
def test_labels_that_do_not_match_the_classes_are_refused(save, labels, numbers, words):
    pipeline = fitted(labels=[sorted(set(NAMES)).index(n) for n in NAMES] if numbers else NAMES)
    assert words in refusal(save(pipeline), labels)


def test_forest_is_read_as_a_model_for_endpoints(save):
    model = read_model(save(fitted(RandomForestClassifier(5, random_state=0))), None, ())
    assert predicted(model)[0] == NAMES
