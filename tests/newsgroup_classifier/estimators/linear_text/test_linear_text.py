"""The linear text classifier learns any texts, and its small matrix is all that it serves."""

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from newsgroup_classifier.datasets.newsgroups import generate_newsgroups
from newsgroup_classifier.datasets.spooky import generate_spooky
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.estimators.linear_text import classifier
from newsgroup_classifier.estimators.linear_text.classifier import LinearText, Softmax
from newsgroup_classifier.estimators.linear_text.folding import file_bytes
from newsgroup_classifier.export.npz import write_hashed_linear
from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.newsgroup_classifier.estimators.linear_text.made_texts import LANGUAGES, make_texts

TEXT = RECIPES["text-linear"]


def reloaded(pipeline):
    return pickle.loads(pickle.dumps(pipeline))  # noqa: S301 (our own pickle)


def built(recipe=TEXT, **changed):
    return recipe.build(recipe.defaults | changed)


@pytest.fixture(scope="module")
def spooky():
    """Return the texts and labels of the generated sentences, and a pipeline fitted on them."""
    frame = generate_spooky().train
    texts, labels = list(frame["data"]), list(frame["label"])
    return texts, labels, built(case="lower").fit(texts, labels)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_in_any_language_are_classified_better_than_by_the_largest_class(language):
    made = make_texts(language)
    pipeline = built().fit(made.train, made.labels)
    largest = max(Counter(made.test_labels).values()) / len(made.test_labels)
    assert pipeline.score(made.test, made.test_labels) > largest + 0.2


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unpickled_pipeline_has_the_same_probabilities(language):
    made = make_texts(language)
    pipeline = built(case="lower").fit(made.train, made.labels)
    loaded = reloaded(pipeline)
    expected = pipeline.predict_proba(made.test)
    np.testing.assert_array_equal(loaded.predict_proba(made.test), expected)


def test_pruning_is_reported_with_the_texts_whose_label_it_changes(spooky):
    texts, labels, _ = spooky
    texts, labels = texts[:800], labels[:800]
    whole = built(case="lower", max_mb=1000.0).fit(texts, labels)
    small = built(case="lower", max_mb=0.11).fit(texts, labels)
    report = small[0].report_
    assert report.kept == len(small[0].model_.scales) < report.features
    changed = np.mean(whole.predict(texts) != small.predict(texts))
    assert report.changed == pytest.approx(changed, abs=0.01)
    assert 0.11 < report.needed_mb < 1000
    assert whole[0].report_.changed < 0.01


def test_probabilities_are_fitted_to_scores_of_rows_that_were_held_out(spooky):
    texts, labels, pipeline = spooky
    held_out = clone(pipeline[0]).fit_transform(texts, labels)
    np.testing.assert_array_equal(held_out, pipeline[0].report_.scores)
    assert Softmax().fit(held_out, labels).sharpness_ == pipeline[-1].sharpness_
    fitted = (pipeline[0].transform(texts).argmax(axis=1) == labels).mean()
    assert (held_out.argmax(axis=1) == labels).mean() < fitted


def test_labels_do_not_depend_on_how_sure_the_probabilities_are(spooky):
    pipeline = spooky[2]
    test = list(generate_spooky().test["data"])
    best = pipeline[0].transform(test).argmax(axis=1)
    assert (pipeline.predict(test) == pipeline[-1].classes_[best]).all()


def test_a_pickled_pipeline_does_not_have_the_scores_of_the_train_texts(spooky):
    texts, _, pipeline = spooky
    assert pipeline[0].report_.scores.shape == (len(texts), 3)
    assert not hasattr(reloaded(pipeline)[0], "report_")


@settings(max_examples=50)
@given(texts=st.lists(st.text(), min_size=1, max_size=4))
def test_any_texts_get_the_same_probabilities_together_and_alone(spooky, texts):
    _, _, pipeline = spooky
    together = pipeline.predict_proba(texts)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    alone = np.concatenate([pipeline.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("max_mb", [0.15, 0.2])
def test_the_file_of_the_model_has_the_maximum_size(spooky, max_mb):
    texts, labels, whole = spooky
    pipeline = built(case="lower", max_mb=max_mb).fit(texts, labels)
    assert len(pipeline[0].model_.scales) < len(whole[0].model_.scales)
    about = {"recipe": "text-linear", "label_names": ["EAP", "HPL", "MWS"], "versions": {}}
    assert 0.3 * max_mb * 1e6 < len(TEXT.export(pipeline, about)) < max_mb * 1e6


@pytest.mark.parametrize("scale", [0, 3, 127])
def test_size_of_a_file_is_not_estimated_too_low(spooky, scale):
    model = spooky[2][0].model_
    weights = np.random.default_rng(0).integers(-scale, scale + 1, (len(model.scales), 30))
    noisy = replace(model, weights=weights.astype(np.int8), intercepts=np.zeros(30))
    about = {"recipe": "text-linear", "label_names": [], "versions": {}}
    actual = len(write_hashed_linear(noisy, about))
    assert actual < file_bytes(noisy) + 65_536
    assert actual > 0.6 * file_bytes(noisy)


def test_a_pruned_model_classifies_nearly_as_the_whole_one(spooky):
    texts, labels, whole = spooky
    test = list(generate_spooky().test["data"])
    pruned = built(case="lower", max_mb=0.2).fit(texts, labels)
    assert (pruned.predict(test) == whole.predict(test)).mean() > 0.9
    differences = pruned.predict_proba(test) - whole.predict_proba(test)
    assert np.abs(differences).mean() < 0.05


def test_features_of_equal_importance_do_not_leave_a_small_model_empty():
    texts = [chr(0x4E00 + number) for number in range(6000)]  # each has one word, of one text
    pipeline = built(case="lower", max_mb=0.11).fit(texts, [number % 2 for number in range(6000)])
    report = pipeline[0].report_
    assert 2000 < report.kept < report.features


@pytest.mark.parametrize("texts", [["hello"], [f"text number {number}" for number in range(30)]])
def test_texts_that_have_all_labels_get_the_same_probability_for_each(texts):
    pipeline = built().fit([*texts, *texts], [0] * len(texts) + [1] * len(texts))
    np.testing.assert_allclose(pipeline.predict_proba([*texts, "another", ""]), 0.5)


def test_only_the_most_frequent_features_are_weighted_if_there_are_too_many(spooky, monkeypatch):
    texts, labels, whole = spooky
    monkeypatch.setattr(classifier, "_MOST_WEIGHTS", 3 * 1000)
    pipeline = built(case="lower").fit(texts, labels)
    assert pipeline[0].report_.features == 1000
    least = min(each.frequencies.min() for each in pipeline[0].model_.vocabularies)
    frequencies = np.concatenate([each.frequencies for each in whole[0].model_.vocabularies])
    assert (frequencies > least).sum() <= 1000
    assert pipeline.score(texts, labels) > 0.8


def test_equal_fits_give_equal_models(spooky):
    texts, labels, pipeline = spooky
    again = clone(pipeline).fit(texts, labels)
    assert pickle.dumps(again[0].model_.weights) == pickle.dumps(pipeline[0].model_.weights)


def test_case_is_used_if_it_tells_the_classes_apart():
    rng = np.random.default_rng(0)
    words = ["rain", "wind", "snow", "sun"]
    texts = [" ".join(rng.choice(words, 6)) for _ in range(200)]
    labels = [number % 2 for number in range(200)]
    texts = [text.upper() if label else text for text, label in zip(texts, labels, strict=True)]
    pipeline = built().fit(texts, labels)
    assert pipeline[0].cased_
    assert pipeline.predict(["RAIN SNOW", "rain snow"]).tolist() == [1, 0]
    assert not built().fit([text.lower() for text in texts], labels)[0].cased_


def test_the_title_is_a_block_of_its_own():
    made = make_texts("German")
    texts = [f"{text}\nnothing but noise" for text in made.train]
    model = built(title="first-line", case="lower").fit(texts, made.labels)[0].model_
    assert [each.block.part for each in model.vocabularies] == ["whole", "whole", "title"]


def test_posts_are_classified_by_header_and_body_with_folds_of_threads():
    sample = generate_newsgroups()
    recipe = RECIPES["newsgroups-text"]
    texts, subjects = list(sample.train["data"]), list(sample.train["data_subject"])
    pipeline = built(recipe).fit(texts, list(sample.train["label"]), score__groups=subjects)
    assert pipeline.score(list(sample.test["data"]), list(sample.test["label"])) > 0.9


@pytest.mark.parametrize("counts", [(1, 1), (1, 5), (1, 1, 1), (2, 30, 1), (40, 1, 1, 1, 1)])
def test_classes_with_fewer_rows_than_folds_are_learned(counts):
    labels = [number for number, count in enumerate(counts) for _ in range(count)]
    texts = [f"topic{label} word{row}" for row, label in enumerate(labels)]
    pipeline = built().fit(texts, labels)
    probabilities = pipeline.predict_proba(texts)
    assert probabilities.shape == (len(texts), len(counts))
    assert np.isfinite(probabilities).all()


def test_labels_may_be_texts_and_numbers_with_gaps():
    made = make_texts("German")
    numbers = [7 if label == "payments" else 3 for label in made.labels]
    pipeline = built(case="lower").fit(made.train, numbers)
    assert pipeline[-1].classes_.tolist() == [3, 7]
    assert set(pipeline.predict(made.test)) == {3, 7}


def test_texts_may_be_a_series_with_numbers_of_its_own_and_begin_with_white_space():
    made = make_texts("German")
    texts = pd.Series([f"{chr(10) * 1200}{text}" for text in made.train]).sample(
        frac=1, random_state=0
    )
    labels = [made.labels[number] for number in texts.index]
    expected = built().fit(list(texts), labels).predict_proba(made.test)
    np.testing.assert_array_equal(built().fit(texts, labels).predict_proba(made.test), expected)


def test_texts_without_a_word_are_refused():
    with pytest.raises(ValueError, match="empty vocabulary"):
        built(case="lower").fit(["", " ", ""], [0, 1, 0])


def test_rows_of_a_single_group_are_refused():
    with pytest.raises(DataError, match="1 group of rows in the column data_subject"):
        built().fit(["a b", "c d", "e f"], [0, 1, 0], score__groups=["x", "Re: x", "x"])


def test_groups_of_which_a_sample_has_only_one_are_learned(monkeypatch):
    monkeypatch.setattr(classifier, "_SAMPLE", 20)
    made = make_texts("German")
    groups = ["large"] * len(made.train)
    groups[np.random.default_rng(0).permutation(len(groups))[-1]] = "small"
    pipeline = built().fit(made.train, made.labels, score__groups=groups)
    assert not pipeline[0].cased_


def test_an_unfitted_classifier_has_no_scores():
    with pytest.raises(NotFittedError):
        built()[0].transform(["a text"])
    assert isinstance(built()[0], LinearText)


def test_scores_of_another_number_of_classes_are_refused():
    with pytest.raises(ValueError, match="3 scores, and the labels 2 classes"):
        Softmax().fit(np.zeros((4, 3)), [0, 1, 0, 1])
