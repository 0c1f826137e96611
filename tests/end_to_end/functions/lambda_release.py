"""A release to Lambda made by the scripts, for tests: its names, and calls of its HTTP API."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from local_aws.testing import LocalAws
from tests.scripts.processes import Scripts

RECIPE = "spooky-ngrams"
REGION = "eu-north-1"
NAMED = ("--recipe", RECIPE)
STACK = f"newsgroup-classifier-{RECIPE}"
TEXTS = ["I beheld the wretch, the miserable monster.", "the ancient horror", "1234", "the"]


@dataclass(frozen=True)
class LambdaRelease:
    """What each script of a release printed."""

    scripts: Scripts
    setup: dict[str, Any]
    train: dict[str, Any]
    deploy: dict[str, Any]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the HTTP API; return status and parsed body."""
        request = urllib.request.Request(  # noqa: S310  our own local AWS
            self.deploy["api_url"] + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def model(self) -> dict[str, Any]:
        """Return what /health says of the model."""
        status, content = self.call("GET", "/health")
        assert status == 200, content
        found: dict[str, Any] = content["model"]
        return found

    def objects(self, prefix: str = "lambda/") -> list[str]:
        """Return the keys below a prefix of the bucket."""
        page = self.scripts.client("s3").list_objects_v2(Bucket=self.setup["bucket"], Prefix=prefix)
        return [item["Key"] for item in page.get("Contents", [])]


def make_lambda_release(aws: LocalAws) -> LambdaRelease:
    """Set up, upload the generated sample, train, approve and deploy to Lambda."""
    scripts = Scripts(aws, REGION)
    setup = scripts.run("setup").result
    assert scripts.run("upload_data", *NAMED, "--generated-sample").code == 0
    train = scripts.run("train", *NAMED, "--approve").result
    deploy = scripts.run("deploy", *NAMED, "--target", "lambda").result
    return LambdaRelease(scripts, setup, train, deploy)
