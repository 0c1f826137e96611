"""Two endpoints in one local AWS: the recipe's pipeline and the baseline."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks import account
from benchmarks.baseline import deployment
from inference_pipeline import predict, preprocess
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recommender import Classifier

RECIPE = "newsgroups-naive-bayes"


@dataclass(frozen=True)
class Endpoints:
    """The names of both endpoints, how to call them, and the recipe's model in memory."""

    url: str
    ours: str
    transformers: Any
    classifier: Classifier
    posts: list[str]
    groups: list[str]

    def invoke_ours(self, runtime: Any, post: str) -> str:
        """Return the label that the pipeline predicts for one post."""
        response = account.invoke(runtime, self.ours, post.encode())
        label: str = json.loads(response)["predictions"][0]["label"]
        return label

    def invoke_baseline(self, runtime: Any, post: str) -> str:
        """Return the label that the baseline predicts for one post."""
        return account.invoke(runtime, deployment.NAME, post.encode(), "text/csv").decode()

    def predict(self, posts: list[str]) -> Any:
        """Return the predictions of the model in memory."""
        return predict.predict_fn(
            predict.Features(self.transformers.transform(posts)), self.classifier
        )

    def processes(self) -> list[tuple[psutil.Process, dict[str, str]]]:
        """Return the processes behind our endpoint, with their environments."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):  # it ended, or is another user's
                environment = process.environ()
                if f"/{self.ours}/" in environment.get("SAGEMAKER_BASE_DIR", ""):
                    found.append((process, environment))
        return found


@contextmanager
def endpoints() -> Iterator[Endpoints]:
    """Train and deploy both in a local AWS of their own, which stops when the block ends."""
    dataset = load_newsgroups()
    with account.trained(RECIPE) as trained:
        ours = trained.deploy()["endpoint_name"]
        deployment.deploy(trained, dataset)
        model = str(trained.unpack_model())
        yield Endpoints(
            url=trained.url,
            ours=ours,
            transformers=preprocess.model_fn(model),
            classifier=predict.model_fn(model),
            posts=dataset.test["data"].tolist(),
            groups=dataset.test["label_names"].tolist(),
        )
