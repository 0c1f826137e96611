"""A search of pipelines with data frames between their steps, and of text-linear."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.recipes.text_linear import TEXT
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.training.search import fits
from newsgroup_classifier.training.search.folds import part_of, stratified_folds
from newsgroup_classifier.training.search.searching import Task, search
from tests.newsgroup_classifier.estimators.linear_text.made_texts import make_texts
from tests.newsgroup_classifier.training.search.small_searches import posts_task

ALPHAS = (0.01, 1.0)
SMALL = replace(TEXT, space=(Choices("word_ngrams", (1, 2)), Choices("svm_C", (0.25, 1.0))))


def as_frame(texts):
    return pd.DataFrame({"text": texts, "first": [text[:40] for text in texts]})


def framed(values):
    """Return a pipeline whose first step, without fitting, makes a data frame."""
    counts = make_column_transformer(
        (CountVectorizer(), "text"), (CountVectorizer(analyzer="char"), "first")
    )
    return make_pipeline(
        FunctionTransformer(as_frame), counts, MultinomialNB(alpha=values["alpha"])
    )


def test_search_of_pipelines_with_data_frames_equals_cross_validation():
    task = posts_task(framed, (Choices("alpha", ALPHAS),), search="grid", folds=3)
    table = {row["alpha"]: row["accuracy"] for row in search(task, workers=1).table}
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    for alpha in ALPHAS:
        accuracies = cross_val_score(framed({"alpha": alpha}), task.texts, task.labels, cv=folds)
        assert table[alpha] == accuracies.mean()


@pytest.mark.parametrize("method", ["none", "grid", "halving", "random"])
def test_text_linear_is_searched_with_whole_groups(method, monkeypatch):
    made = make_texts("German", 80)
    names = sorted(set(made.labels))
    values = TEXT.defaults | {"search": method, "folds": 2, "candidates": 3, "grouped": "yes"}
    task = Task(
        SMALL,
        values | {"case": "lower"},
        TEXT.build,
        made.train,
        [names.index(label) for label in made.labels],
        names,
        subjects=[f"customer {row // 2}" for row in range(len(made.train))],
    )
    groups = []
    select = fits.group_parameters
    monkeypatch.setattr(
        fits, "group_parameters", lambda steps, own: groups.append(own) or select(steps, own)
    )
    result = search(task, workers=1)
    assert result.accuracy > 0.7
    assert set(result.best) == ({"word_ngrams", "svm_C"} if method != "none" else set())
    assert all(set(each) <= set(task.subjects) for each in groups if each)
    assert any(groups)


@pytest.mark.parametrize("skipped", ["passthrough", None])
def test_a_step_that_some_candidates_skip_is_searched_as_in_cross_validation(skipped):
    def build(values):
        weigh = TfidfTransformer() if values["alpha"] == ALPHAS[0] else skipped
        steps = [("count", CountVectorizer()), ("weigh", weigh)]
        return Pipeline([*steps, ("classify", MultinomialNB(alpha=values["alpha"]))])

    task = posts_task(build, (Choices("alpha", ALPHAS),), search="grid", folds=3, grouped="yes")
    task = replace(task, subjects=[f"{row}" for row in range(len(task.texts))])
    table = {row["alpha"]: row["accuracy"] for row in search(task, workers=1).table}
    for alpha in ALPHAS:
        folds = stratified_folds(task.labels, 3, task.groups)
        accuracies = cross_val_score(
            build({"alpha": alpha}), task.texts, np.array(task.labels), cv=folds
        )
        assert table[alpha] == accuracies.mean()


def test_a_round_of_halving_draws_a_row_of_the_smallest_fold():
    (train, test), *_ = part_of([(np.arange(95), np.arange(95, 100))], 0.1)
    assert (len(train), len(test)) == (9, 1)
