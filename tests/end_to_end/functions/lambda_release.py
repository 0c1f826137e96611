"""A release to Lambda, made by the commands, with requests to its HTTP API."""

import json
import urllib.error
import urllib.request
from typing import Any

from local_aws.testing import LocalAws
from tests.data_source import SAMPLE
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release, make_release

RECIPE = "spooky-ngrams"
REGION = "eu-north-1"
NAMED = ("--recipe", RECIPE)
STACK = f"newsgroup-classifier-{RECIPE}"
TEXTS = ["I beheld the wretch, the miserable monster.", "the ancient horror", "1234", "the"]


class LambdaRelease(Release):
    """The output of each command of a release to Lambda."""

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the HTTP API; return the status and the parsed body."""
        request = urllib.request.Request(  # noqa: S310 - the local AWS
            self.deploy["api_url"] + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request) as response:  # noqa: S310
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def model(self) -> dict[str, Any]:
        """Return the description of the model in the response of /health."""
        status, content = self.call("GET", "/health")
        assert status == 200, content
        model: dict[str, Any] = content["model"]
        return model

    def objects(self, prefix: str = "lambda/") -> list[str]:
        """Return the keys below a prefix of the bucket."""
        page = self.scripts.client("s3").list_objects_v2(Bucket=self.setup["bucket"], Prefix=prefix)
        return [item["Key"] for item in page.get("Contents", [])]


def make_lambda_release(aws: LocalAws) -> LambdaRelease:
    """Set up, upload the generated sample, train, approve and deploy to Lambda."""
    deploy = ("--target", "lambda")
    release = make_release(Scripts(aws, REGION), *SAMPLE, recipe=RECIPE, deploy=deploy)
    return LambdaRelease(**vars(release))
