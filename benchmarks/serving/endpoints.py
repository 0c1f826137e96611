"""Two endpoints in one local AWS: the recipe's pipeline and the baseline."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import account
from benchmarks.baseline import deployment
from inference_pipeline import predict, preprocess
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recommender import Classifier
from scripts.account.local_aws import local_aws

RECIPE = "newsgroups-naive-bayes"


@dataclass(frozen=True)
class Endpoints:
    """The names of both endpoints, how to call them, and the recipe's model in memory."""

    url: str
    ours: str
    baseline: str
    transformers: Any
    classifier: Classifier
    posts: list[str]
    groups: list[str]

    def client(self, service: str) -> Any:
        """Return a boto3 client of the local AWS."""
        return account.client(service)

    def invoke_ours(self, runtime: Any, post: str) -> str:
        """Return the label that the pipeline predicts for one post."""
        response = runtime.invoke_endpoint(
            EndpointName=self.ours, Body=post.encode(), ContentType="text/plain"
        )
        label: str = json.load(response["Body"])["predictions"][0]["label"]
        return label

    def invoke_baseline(self, runtime: Any, post: str) -> str:
        """Return the label that the baseline predicts for one post."""
        response = runtime.invoke_endpoint(
            EndpointName=self.baseline, Body=post.encode(), ContentType="text/csv"
        )
        label: str = response["Body"].read().decode()
        return label


@contextmanager
def endpoints() -> Iterator[Endpoints]:
    """Train and deploy both in a local AWS of their own, which stops when the block ends."""
    dataset = load_newsgroups()
    with local_aws() as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        os.environ["AWS_ENDPOINT_URL"] = url
        setup = account.script("setup")
        account.script("upload_data", "--recipe", RECIPE)
        trained = account.script("train", "--recipe", RECIPE, "--approve")
        deployed = account.script("deploy", "--recipe", RECIPE)
        deployment.deploy(account.client, setup, Path(folder), dataset)
        model = str(account.fetch_model(trained["model_artifacts"], Path(folder)))
        yield Endpoints(
            url=url,
            ours=deployed["endpoint_name"],
            baseline=deployment.NAME,
            transformers=preprocess.model_fn(model),
            classifier=predict.model_fn(model),
            posts=dataset.test["data"].tolist(),
            groups=dataset.test["label_names"].tolist(),
        )
