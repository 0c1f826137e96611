"""A search gives the same results as scikit-learn's searches, and fits nothing twice."""

import io
import json
import sys
from collections import Counter
from dataclasses import replace
from statistics import fmean, pstdev, stdev

import numpy as np
import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, StratifiedKFold
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from newsgroup_classifier.errors import DataError, HyperparameterError
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.training.scikit_learn.fit_errors import data_errors
from newsgroup_classifier.training.search.checkpoint import FITS_FILE
from newsgroup_classifier.training.search.fits import PreparedRows, candidate_of, fit_all
from newsgroup_classifier.training.search.folds import halving_rounds
from newsgroup_classifier.training.search.searching import candidates_of, search
from newsgroup_classifier.training.search.table import scored
from tests.newsgroup_classifier.training.search.small_searches import (
    ALPHAS,
    COUNTED,
    comments_task,
    counting,
    posts_task,
)

FEW = (
    Choices("activation", ("identity", "tanh")),
    Choices("learning_rate", ("constant", "adaptive")),
    Choices("solver", ("lbfgs", "sgd", "adam")),
)
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


@pytest.mark.slow
def test_grid_search_of_networks_equals_grid_search_cv_to_the_last_digit():
    task = comments_task(FEW, search="grid", folds=3, max_iter=5)
    result = search(task, workers=2)
    reference = GridSearchCV(
        task.build(task.hyperparameters),
        {f"classify__{each.name}": list(each.values) for each in FEW},
        cv=FOLDS, refit=False, error_score="raise",
    )  # fmt: skip
    with pytest.warns(match="Maximum iterations|failed to converge"):
        reference.fit(task.texts, task.labels)
    ours = sorted(result.table, key=lambda row: row["candidate"])
    theirs = reference.cv_results_
    assert [row["accuracy"] for row in ours] == theirs["mean_test_score"].tolist()
    assert [row["deviation"] for row in ours] == theirs["std_test_score"].tolist()
    assert [row["rank"] for row in ours] == theirs["rank_test_score"].tolist()
    assert {
        f"classify__{name}": value for name, value in result.best.items()
    } == reference.best_params_


@pytest.mark.slow
def test_halving_equals_halving_grid_search_cv_in_every_round():
    task = posts_task(search="halving", folds=5)
    result = search(task, workers=1)
    reference = HalvingGridSearchCV(
        task.build(task.hyperparameters),
        {"classify__alpha": list(ALPHAS)},
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        factor=3, random_state=0, refit=False, error_score="raise",
    ).fit(task.texts, np.array(task.labels))  # fmt: skip
    assert result.about["rounds"] == [
        list(each) for each in zip(reference.n_candidates_, reference.n_resources_, strict=True)
    ]
    last = reference.cv_results_["iter"] == len(result.about["rounds"]) - 1
    expected = dict(
        zip(
            reference.cv_results_["param_classify__alpha"][last],
            reference.cv_results_["mean_test_score"][last],
            strict=True,
        )
    )
    rows = [row for row in result.table if row["round"] == len(result.about["rounds"])]
    assert {row["alpha"]: row["accuracy"] for row in rows} == expected
    assert result.best == {
        "alpha": reference.cv_results_["params"][reference.best_index_]["classify__alpha"]
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_search_normalizes_once_vectorizes_once_per_fold_and_fits_each_candidate(tmp_path, workers):
    log = tmp_path / "log"
    task = posts_task(counting(log), COUNTED.space, search="grid", folds=4)
    result = search(task, workers=workers)
    assert Counter(log.read_text().splitlines()) == {
        f"normalized {len(task.texts)}": 1,
        "vectorized min_df=1": 4,
        "vectorized min_df=2": 4,
        "fitted alpha=0.01": 2 * 4,
        "fitted alpha=0.1": 2 * 4,
        "fitted alpha=1.0": 2 * 4,
    }
    assert result.about["fits"] == 6 * 4


def test_search_holds_the_shared_output_of_only_one_wave_of_splits(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path))
    rows = np.random.default_rng(0).random((12_000, 30))  # folds above joblib's megabyte
    labels = [number % 2 for number in range(len(rows))]
    splits = list(FOLDS.split(rows, labels))
    candidates = [
        candidate_of(number, make_pipeline(MinMaxScaler((0, 1 + number // 2)), model))
        for number, model in enumerate([GaussianNB(), MultinomialNB()] * 4)
    ]
    held = []
    for _ in fit_all(candidates, PreparedRows(rows, labels), splits, (), workers=2):
        held.append(sum(file.stat().st_size for file in tmp_path.glob("joblib_*/*")))
    assert len(held) == 8 * 3
    assert 0 < max(held) < 5 * rows.nbytes  # three folds with all rows each, and one being written


def test_accuracy_is_measured_whatever_the_score_of_a_classifier_is():
    rows = np.random.default_rng(0).random((60, 2))
    labels = (rows[:, 0] > 0.5).astype(int).tolist()
    model = GridSearchCV(GaussianNB(), {}, scoring="neg_log_loss")
    candidate = candidate_of(0, make_pipeline(MinMaxScaler(), model))
    splits = list(FOLDS.split(rows, labels))
    fits = dict(fit_all([candidate], PreparedRows(rows, labels), splits, (), workers=1))
    assert len(fits) == 3
    assert all(0.8 <= fit.accuracy <= 1 for fit in fits.values())


def test_search_fits_candidates_with_equal_steps_once(tmp_path):
    log = tmp_path / "log"
    build = counting(log)
    task = posts_task(
        lambda values: build({**values, "min_df": 1}), COUNTED.space, search="grid", folds=2
    )
    result = search(task, workers=1)
    lines = Counter(log.read_text().splitlines())
    assert lines["fitted alpha=0.01"] == 2
    assert (result.about["candidates"], result.about["different"]) == (6, 3)
    assert len(result.table) == 6
    assert {row["fitted_as"] for row in result.table} == {1, 3, 5}


def test_learning_rate_schedule_has_no_effect_on_solvers_other_than_sgd():
    task = comments_task()
    rows = list(range(0, len(task.texts), 3))
    texts, labels = [task.texts[row] for row in rows], [task.labels[row] for row in rows]
    values = {**task.hyperparameters, "max_iter": 400, "activation": "tanh"}
    for solver in ("lbfgs", "adam"):
        weights = []
        for schedule in ("constant", "invscaling", "adaptive"):
            pipeline = task.build(values | {"solver": solver})
            pipeline.set_params(classify__learning_rate=schedule)
            weights.append(pipeline.fit(texts, labels)[-1].coefs_)
        for others in weights[1:]:
            assert all((a == b).all() for a, b in zip(weights[0], others, strict=True))


def test_grid_of_comments_mlp_equals_the_notebooks():
    task = comments_task(search="grid", folds=5)
    grid = candidates_of(task.recipe, task.hyperparameters)
    steps = {repr(task.build({**task.hyperparameters, **each})) for each in grid}
    assert len(grid) == 108
    assert len(steps) == 60
    assert RECIPES["comments-mlp"].presets["grid"] == {"search": "grid", "folds": 5}


def test_random_search_draws_the_requested_number_of_different_candidates():
    task = posts_task(search="random", candidates=4, folds=2)
    result = search(task, workers=1)
    assert len({row["alpha"] for row in result.table}) == 4
    assert search(task, workers=1).best == result.best


def test_search_keeps_the_order_of_equal_candidates():
    result = search(posts_task(space=(Choices("alpha", (0.01, 0.0101)),), search="grid", folds=2))
    assert [row["rank"] for row in result.table] == [1, 1]
    assert result.best == {"alpha": 0.01}


def test_search_returns_the_unbiased_standard_error_of_the_mean():
    accuracies = [0.5, 0.75, 0.5, 1.0]
    row = scored(fmean(accuracies), pstdev(accuracies), folds=4, seconds=1.0)
    assert row["standard_error"] == pytest.approx(stdev(accuracies) / 2)


@pytest.mark.parametrize(("candidates", "rows"), [(60, 8000), (9, 2000), (30, 100_000)])
def test_halving_rounds_fit_at_most_a_third_of_the_grids_rows(candidates, rows):
    rounds = halving_rounds(candidates, rows, folds=5, labels=2)
    assert rounds[0].candidates == candidates
    assert rows / 3 < rounds[-1].rows <= rows
    assert 3 * sum(each.candidates * each.rows for each in rounds) <= candidates * rows


def test_candidates_of_a_recipe_without_a_space_are_refused():
    recipe = replace(COUNTED, space=())
    with pytest.raises(HyperparameterError) as caught:
        candidates_of(recipe, {"search": "grid"})
    assert str(caught.value) == (
        "hyperparameter search is 'grid', but recipe newsgroups-naive-bayes has no search space; "
        "expected none."
    )


def test_space_with_an_unknown_hyperparameter_is_refused():
    with pytest.raises(HyperparameterError, match="unknown hyperparameter 'alhpa'; did you mean a"):
        replace(COUNTED, space=(Choices("alhpa", (1.0,)),))


def test_search_without_words_to_learn_from_is_refused():
    task = posts_task(without_words, search="grid", folds=2)
    message = "the train channel has no words to learn from after the first 5 lines"
    with pytest.raises(DataError, match=message), data_errors(task.recipe):
        search(task, workers=1)


def without_words(values):
    """Return the pipeline with a vectorizer that drops every word."""
    pipeline = RECIPES["newsgroups-naive-bayes"].build(values)
    return pipeline.set_params(tfidf__min_df=10_000)


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self):
        return True


def test_progress_of_a_resumed_search_counts_the_fits_in_the_checkpoint(tmp_path, capsys):
    task = posts_task(search="random", candidates=4, folds=2)
    result = search(task, tmp_path, workers=1)
    checkpoint = tmp_path / FITS_FILE
    content = json.loads(checkpoint.read_text())
    checkpoint.write_text(json.dumps(content | {"fits": content["fits"][:5]}))
    capsys.readouterr()
    assert search(task, tmp_path, workers=1).best == result.best
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "resuming from 5 fits in a checkpoint"
    assert [line.split(":")[0] for line in lines] == ["search 3 of 4", "search 4 of 4"]


def test_progress_on_a_terminal_is_a_bar_with_the_best_accuracy(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    result = search(posts_task(search="random", candidates=2, folds=2), workers=1)
    last = terminal.getvalue().rsplit("\r", 1)[-1]
    assert "4/4" in last
    assert f"best {result.accuracy:.4f}" in last
    assert capsys.readouterr().out == ""
