"""A search of pipelines with data frames between their steps, and of text-linear."""

from dataclasses import replace

import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.recipes.text_linear import TEXT
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.training.search import fits
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
