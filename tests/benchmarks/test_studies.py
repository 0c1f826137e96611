"""The tables of the studies match their stored results, and their plots are drawn."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.studies import (
    comments,
    headlines,
    held_out,
    optimizers,
    spooky,
    subreddit_costs,
    subreddits,
    text_linear,
    training_jobs,
)
from benchmarks.studies.text_sets import Part, TextSet
from newsgroup_classifier.datasets.reddit_comments import generate_comments
from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
from newsgroup_classifier.datasets.subreddits import generate_subreddits
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.text.word_vectors import VECTORS_FILE, write_vectors
from newsgroup_classifier.training.scikit_learn.fitting import Files, builder_of
from newsgroup_classifier.training.search.searching import Task, search
from tests.newsgroup_classifier.estimators.linear_text.made_texts import make_texts

STUDIES = Path(headlines.__file__).parent


def results(name: str) -> dict:
    return json.loads((STUDIES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "study",
    [comments, headlines, held_out, optimizers, spooky, subreddits, text_linear, training_jobs],
)
def test_table_of_a_study_matches_its_results(study):
    name = Path(study.__file__).stem
    assert (STUDIES / f"{name}.md").read_text(encoding="utf-8") == study.table(results(name))


def test_text_study_measures_the_model_that_is_served():
    made = make_texts("German")
    train, test = Part(made.train, made.labels), Part(made.test, made.test_labels)
    figures = text_linear.measure(TextSet("made", "one split", lambda: iter([(train, test)])))
    assert figures["accuracy"] > 0.7
    assert 0 <= figures["ece"] < 0.3
    assert set(figures) == set(results("text_linear")["BBC"])


def test_optimizer_study_has_every_optimizer_of_the_recipe():
    parameters = {
        each.name: each for each in optimizers.find_recipe("sketches-dense").hyperparameters
    }
    assert parameters["optimizer"].choices == optimizers.OPTIMIZERS
    assert set(results("optimizers")) == optimizers.PAIRS.keys()


def test_comparison_of_optimizers_is_drawn(tmp_path):
    path = tmp_path / "plot.png"
    optimizers.draw(results("optimizers"), path)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_search_of_comments_leaves_no_fits_that_would_not_be_measured_again(tmp_path, monkeypatch):
    recipe = replace(
        find_recipe("comments-mlp"),
        space=(Choices("alpha", (0.1, 1.0)),),
        presets={"grid": {"search": "grid", "folds": 2, "max_iter": 2}},
    )
    monkeypatch.setattr(comments, "find_recipe", lambda name: recipe)
    monkeypatch.setattr(comments, "load_reddit_comments", generate_comments)
    monkeypatch.setattr(comments, "channels", comments.channels.__wrapped__)
    monkeypatch.setattr(comments, "cache_dir", lambda: tmp_path)
    assert comments.measured("grid")["about"]["fits"] == 4
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_both_searches_of_the_cost_study_have_the_same_candidates_and_folds(tmp_path):
    dataset = generate_subreddits()
    texts, labels = list(dataset.train["data"]), list(dataset.train["label"])
    nlp = subreddit_costs.make_pipeline(texts, tmp_path / "spacy")
    path = tmp_path / VECTORS_FILE
    path.write_bytes(write_vectors(load_vectors(str(tmp_path / "spacy"))))
    recipe = find_recipe("subreddits-neighbors")
    values = subreddit_costs.search_values(recipe.name, "vectors")
    build = builder_of(recipe, Files(vectors=path))
    task = Task(recipe, values, build, texts, labels, sorted(map(str, set(labels))))
    ours = sorted(row["accuracy"] for row in search(task, workers=1).table)
    other = subreddit_costs.tutorials_search(build, values, recipe.name, nlp).fit(texts, labels)
    assert sorted(other.cv_results_["mean_test_score"]) == pytest.approx(ours)
