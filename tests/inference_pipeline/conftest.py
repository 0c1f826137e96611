"""Fixtures of the serving stages' tests: an artifact of the sample, loaded by both stages."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sklearn.pipeline import Pipeline

from inference_pipeline import predict, preprocess
from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.newsgroups import GROUPS, generate_newsgroups
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.recommender import Classifier

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """An in-memory pipeline, its artifact, the parts that each stage loaded, and posts to score."""

    pipeline: Pipeline
    folder: Path
    transformers: Any
    classifier: Classifier
    posts: list[str]

    def features(self, body: str | bytes, content_type: str) -> Any:
        """Call the functions of the first stage as its container does."""
        texts = preprocess.input_fn(body, content_type)
        return preprocess.output_fn(preprocess.predict_fn(texts, self.transformers), "*/*")

    def answer(self, body: str | bytes, content_type: str, accept: str = "*/*") -> Any:
        """Call the functions of both stages, or of the first alone if it refuses the request."""
        features = self.features(body, content_type)
        if not isinstance(features, tuple):
            return features
        rows = predict.input_fn(*features)
        return predict.output_fn(predict.predict_fn(rows, self.classifier), accept)

    def predictions(self, body: str | bytes, content_type: str) -> list[dict[str, Any]]:
        """Return the predictions of a request whose response is JSON."""
        content, response_type = self.answer(body, content_type)
        assert response_type == "application/json"
        answer = json.loads(content)
        assert list(answer) == ["predictions"]
        return answer["predictions"]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Train naive Bayes on the sample, save it, and load it in both stages."""
    sample = generate_newsgroups()
    pipeline = RECIPES["newsgroups-naive-bayes"].build({"alpha": 0.01})
    pipeline.fit(list(sample.train["data"]), list(sample.train["label"]))
    folder = tmp_path_factory.mktemp("model")
    about = {
        "recipe": "newsgroups-naive-bayes",
        "label_names": GROUPS,
        "hyperparameters": {"alpha": 0.01},
        "metrics": {},
    }
    objects = {artifacts.PREPROCESS: pipeline[:-1], artifacts.MODEL: pipeline[-1]}
    artifacts.save_artifact(folder, objects, about, ROOT)
    return Served(
        pipeline,
        folder,
        preprocess.model_fn(str(folder)),
        predict.model_fn(str(folder)),
        list(sample.test["data"]),
    )


@pytest.fixture
def refusal(served: Served) -> Callable[[str | bytes, str], tuple[int, str, str]]:
    """Return status, code and message of a request that the first stage must refuse."""

    def refused(body: str | bytes, content_type: str) -> tuple[int, str, str]:
        response = served.features(body, content_type)
        error = json.loads(response.get_data())["error"]
        return response.status_code, error["code"], error["message"]

    return refused
