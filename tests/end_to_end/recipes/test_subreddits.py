"""The subreddit recipes from the upload of posts and word vectors to the endpoint."""

from pathlib import Path

import pytest

from newsgroup_classifier.datasets.subreddits import generate_subreddits
from newsgroup_classifier.recommender import load_recommender, neighbors, predict
from newsgroup_classifier.text.posts import clean_posts
from tests.data_source import SAMPLE
from tests.documents import arguments_of, marked_commands
from tests.end_to_end.posts import unpack_model
from tests.newsgroup_classifier.datasets.subreddits import SMALL, spacy_pipeline
from tests.scripts.processes import Scripts

pytestmark = pytest.mark.slow
THIS = "tests/end_to_end/recipes/test_subreddits.py"
COMMANDS = marked_commands("docs/how-to/recommend.md", THIS)
DATASET = generate_subreddits()
POST = DATASET.test["data"][3]
VECTORS = {"subreddits-neighbors": {"embedding": "vectors"}}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a spaCy pipeline with a vector for each word of the sample."""
    folder = tmp_path_factory.mktemp("spacy") / "pipeline"
    words = {word for text in clean_posts(DATASET.train["data"]) for word in text.split()}
    spacy_pipeline(folder, sorted(words), dimensions=50)
    return folder


@pytest.fixture(scope="module")
def scripts(scripts: Scripts, pipeline: Path) -> Scripts:
    """Upload the generated sample with word vectors."""
    flags = ("--recipe", "subreddits-neighbors", *SAMPLE, "--vectors", str(pipeline))
    uploaded = scripts.run("upload_data", *flags)
    assert set(uploaded.result["channels"]) == {"train", "test", "vectors"}
    assert uploaded.result["wrangling"]["rare_classes"] == {"travel": 5}
    assert "posts kept" in uploaded.stderr
    return scripts


@pytest.mark.parametrize("recipe", ["subreddits-neighbors", "subreddits-linear"])
def test_endpoint_predicts_as_the_model_in_memory(scripts, tmp_path, recipe):
    overrides = SMALL[recipe] | VECTORS.get(recipe, {})
    flags = [part for name, value in overrides.items() for part in ("--set", f"{name}={value}")]
    job = scripts.run("train", "--recipe", recipe, *flags, "--approve", "--no-report").result
    model = load_recommender(unpack_model(scripts, job, tmp_path))
    assert scripts.run("deploy", "--recipe", recipe).code == 0
    options = ["--top", "3"]
    if recipe == "subreddits-neighbors":
        options += ["--neighbors", "2"]
    ended = scripts.run("invoke", "--recipe", recipe, *options, POST)
    (answer,) = ended.result["predictions"]
    (expected,) = predict(model, [POST], top=3)
    assert [item["label"] for item in answer["top"]] == [item.label for item in expected]
    assert [item["probability"] for item in answer["top"]] == pytest.approx(
        [item.probability for item in expected], abs=1e-6
    )
    assert answer["label"] == expected[0].label
    if recipe == "subreddits-neighbors":
        (near,) = neighbors(model, [POST], count=2)
        assert [item["text"] for item in answer["neighbors"]] == [item.text for item in near]
        assert [item["label"] for item in answer["neighbors"]] == [item.label for item in near]
        assert f"{near[0].label}  " in ended.stderr
    else:
        error = scripts.run("invoke", "--recipe", recipe, "--neighbors", "2", POST).error
        assert error.startswith(f"recipe {recipe} does not store posts")


def test_recommendation_guide_searches_a_model_and_shows_the_nearest_posts(scripts, tmp_path):
    ended = {}
    for line in COMMANDS:
        script, *rest = arguments_of(line)
        if script == "upload_data":
            rest = [str(tmp_path / "p") if part == "plots" else part for part in rest]
            rest += SAMPLE
        ended[script] = scripts.run(script, *rest)
        assert ended[script].code == 0, ended[script].stderr
    names = {path.name for path in (tmp_path / "p").iterdir()}
    assert names == {"posts_per_class.png", "mean_length_per_class.png"}
    assert "validation_accuracy" in ended["train"].result["metrics"]
    (answer,) = ended["invoke"].result["predictions"]
    assert (len(answer["top"]), len(answer["neighbors"])) == (3, 5)
