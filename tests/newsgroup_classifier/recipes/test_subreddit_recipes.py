"""Models of the post recipes predict exactly the same when loaded from their artifacts."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
from newsgroup_classifier.datasets.subreddits import generate_subreddits
from newsgroup_classifier.errors import ArtifactError, DataError, RequestError
from newsgroup_classifier.recommender import load_recommender, neighbors, predict
from newsgroup_classifier.text.posts import clean_posts
from newsgroup_classifier.text.word_vectors import write_vectors
from newsgroup_classifier.training.arguments import parse_args
from newsgroup_classifier.training.scikit_learn.fitting import Files
from newsgroup_classifier.training.scikit_learn.saving import save
from tests.documents import marked_blocks
from tests.newsgroup_classifier.conftest import ROOT
from tests.newsgroup_classifier.datasets.subreddits import SMALL, spacy_pipeline, trained


@pytest.fixture(scope="module")
def dataset():
    return generate_subreddits()


@pytest.fixture(scope="module")
def texts(dataset):
    return [*dataset.test["data"][:20], "XQZT!", "Don't; 'quote' me"]


@pytest.fixture(scope="module")
def saved(dataset, tmp_path_factory):
    """Return a function that trains a recipe once and gives its result and its artifact."""
    releases = {}

    def give(recipe):
        if recipe not in releases:
            folder = tmp_path_factory.mktemp(recipe)
            result = trained(recipe, dataset)
            environ = {"SM_MODEL_DIR": str(folder), "SM_OUTPUT_DATA_DIR": str(folder / "out")}
            save(result, parse_args(["--recipe", recipe], environ), ROOT, {})
            releases[recipe] = result, folder
        return releases[recipe]

    return give


@pytest.mark.parametrize("recipe", SMALL)
def test_model_loaded_from_its_artifact_predicts_exactly_the_same(saved, texts, recipe):
    result, folder = saved(recipe)
    loaded = load_recommender(folder)
    features = loaded.transformers.transform(texts)
    estimator = loaded.classifier.estimator
    assert estimator.predict(features).tolist() == result.pipeline.predict(texts).tolist()
    expected = result.pipeline.predict_proba(texts)
    assert estimator.predict_proba(features).tobytes() == expected.tobytes()


def test_model_loaded_from_its_artifact_returns_exactly_the_same_neighbors(saved, texts, dataset):
    result, folder = saved("subreddits-neighbors")
    features = result.pipeline[:-1].transform(texts)
    distances, numbers = result.pipeline[-1].kneighbors(features, n_neighbors=4)
    results = neighbors(load_recommender(folder), texts, count=4)
    assert [[each.distance for each in row] for row in results] == distances.tolist()
    posts = dataset.train.iloc[numbers.ravel()]
    flat = [each for row in results for each in row]
    assert [each.text for each in flat] == posts["data"].tolist()
    assert [each.label for each in flat] == posts["label_names"].tolist()


def test_nearest_post_of_a_training_post_is_itself(saved, dataset):
    _, folder = saved("subreddits-neighbors")
    post = dataset.train["data"][7]
    ((nearest, second),) = neighbors(load_recommender(folder), [post], count=2)
    assert nearest.text == post
    assert nearest.distance < 1e-6 < second.distance


@pytest.mark.parametrize("recipe", SMALL)
def test_predict_returns_the_most_likely_labels_in_order(saved, texts, recipe):
    result, folder = saved(recipe)
    rows = predict(load_recommender(folder), texts, top=3)
    expected = -np.sort(-result.pipeline.predict_proba(texts), axis=1)[:, :3]
    assert [[each.probability for each in row] for row in rows] == expected.tolist()
    best = result.pipeline.predict(texts)[0]
    assert rows[0][0].label == result.scores.label_names[best]


@pytest.mark.parametrize("count", [0, 281])
def test_neighbors_with_an_impossible_count_is_refused(saved, count):
    _, folder = saved("subreddits-neighbors")
    with pytest.raises(RequestError, match=f"neighbors is {count}; expected 1 to 280"):
        neighbors(load_recommender(folder), ["a"], count)


@pytest.mark.parametrize("function", [predict, neighbors])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("how do i fix it", "texts has the type str; expected a list of texts"),
        (None, "texts has the type NoneType; expected a list of texts"),
        ([], "texts is empty; expected a list of one or more texts"),
        (np.array([], dtype=str), "texts is empty; expected a list of one or more texts"),
        (b"ab", "texts has the type bytes; expected a list of texts"),
        (["a", None], "texts[1] has the type NoneType; expected str"),
        (["a", float("nan")], "texts[1] has the type float; expected str"),
    ],
)
def test_texts_that_are_not_a_list_of_texts_are_refused(saved, function, wrong, message):
    loaded = load_recommender(saved("subreddits-neighbors")[1])
    with pytest.raises(RequestError) as caught:
        function(loaded, wrong)
    assert str(caught.value) == message


@pytest.mark.parametrize("form", [tuple, pd.Series, np.array])
def test_texts_in_any_sequence_are_treated_like_a_list(saved, texts, form):
    loaded = load_recommender(str(saved("subreddits-neighbors")[1]))
    assert predict(loaded, form(texts)) == predict(loaded, texts)
    assert neighbors(loaded, form(texts)) == neighbors(loaded, texts)


@pytest.mark.parametrize("form", [str, Path])
def test_artifact_that_is_not_a_folder_is_refused(tmp_path, form):
    (tmp_path / "model.tar.gz").write_bytes(b"")
    for path in (tmp_path / "gone", tmp_path / "model.tar.gz"):
        with pytest.raises(ArtifactError, match=r"manifest\.json is missing, so .* is not an arti"):
            load_recommender(form(path))


def test_only_the_neighbors_recipe_saves_posts(saved):
    for recipe in SMALL:
        _, folder = saved(recipe)
        keeps = recipe == "subreddits-neighbors"
        assert (folder / artifacts.POSTS).exists() == keeps
        if not keeps:
            with pytest.raises(RequestError, match="this model has no posts for neighbors"):
                neighbors(load_recommender(folder), ["a"])


def test_artifact_of_xgboost_includes_it_with_its_shared_libraries(saved, tmp_path):
    _, folder = saved("subreddits-xgboost")
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1] + '/serving')\n"
        "from inference_pipeline import predict\n"
        "predict.model_fn(sys.argv[1])\n"
        "import xgboost\n"
        "libraries = {line.split()[-1] for line in open('/proc/self/maps') if 'xgboost' in line}\n"
        "print(xgboost.__file__, *sorted(libraries))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        cwd=tmp_path, env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert all(file.startswith(str(folder / "serving")) for file in run.stdout.split())


@pytest.mark.parametrize("name", ["n_components", "n_neighbors"])
def test_more_dimensions_or_neighbors_than_the_data_has_are_refused_with_advice(dataset, name):
    with pytest.raises(DataError, match=f"Lower {name}"):
        trained("subreddits-neighbors", dataset, **{name: "1000"})


def test_posts_get_the_same_neighbors_and_label_alone_and_among_others(dataset):
    """Copies in two classes, and posts without a known word, are equally far from a post."""
    names = sorted(set(dataset.train["label_names"]))
    labels = (dataset.train["label"] + 1) % len(names)
    moved = dataset.train.assign(label=labels, label_names=[names[label] for label in labels])
    twice = replace(dataset, train=pd.concat([dataset.train, moved], ignore_index=True))
    pipeline = trained("subreddits-neighbors", twice).pipeline
    texts = [*dataset.train["data"][:100], "XQZT!"]
    features = pipeline[:-1].transform(texts)
    together = pipeline[-1].kneighbors(features), pipeline[-1].predict(features)
    for place, row in enumerate(features):
        (distances, numbers), label = pipeline[-1].kneighbors([row]), pipeline[-1].predict([row])
        assert distances[0].tolist() == together[0][0][place].tolist()
        assert numbers[0].tolist() == together[0][1][place].tolist()
        assert label == together[1][place]


def test_saved_model_with_pretrained_vectors_needs_no_vectors_file(dataset, tmp_path):
    recipe = "subreddits-neighbors"
    words = sorted({word for text in clean_posts(dataset.train["data"]) for word in text.split()})
    spacy_pipeline(tmp_path / "made", words, dimensions=100)
    path = tmp_path / "vectors.npz"
    path.write_bytes(write_vectors(load_vectors(str(tmp_path / "made"))))
    result = trained(recipe, dataset, Files(vectors=path), embedding="vectors")
    folder = tmp_path / "model"
    environ = {"SM_MODEL_DIR": str(folder), "SM_OUTPUT_DATA_DIR": str(tmp_path / "out")}
    save(result, parse_args(["--recipe", recipe, "--embedding", "vectors"], environ), ROOT, {})
    path.unlink()
    loaded = load_recommender(folder)
    texts = list(dataset.test["data"])
    results = loaded.classifier.estimator.predict_proba(loaded.transformers.transform(texts))
    assert results.tobytes() == result.pipeline.predict_proba(texts).tobytes()
    assert result.metrics["accuracy"] > 0.4


def test_python_code_of_the_guide_returns_labels_and_posts(saved, tmp_path, monkeypatch):
    _, folder = saved("subreddits-neighbors")
    (tmp_path / "artifact").mkdir()
    (tmp_path / "artifact" / "model").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    (block,) = marked_blocks(
        "docs/how-to/recommend.md",
        "tests/newsgroup_classifier/recipes/test_subreddit_recipes.py",
        "python",
    )
    *before, labels, posts = block.strip().splitlines()
    names: dict = {}
    exec("\n".join(before), names)  # noqa: S102 - it is the project's own
    assert len(eval(labels, names)[0]) == 3  # noqa: S307
    assert len(eval(posts, names)[0]) == 5  # noqa: S307
