"""A release with an HTTP API, made by the commands, and requests to the API."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from local_aws.testing import LocalAws
from tests.data_source import SAMPLE
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release, make_release

RECIPE = "spooky-ngrams"
REGION = "eu-north-1"
NAMED = ("--recipe", RECIPE)
TO_LAMBDA = (*NAMED, "--target", "lambda")
STACK = f"newsgroup-classifier-{RECIPE}"
TEXTS = ["I beheld the wretch, the miserable monster.", "the ancient horror", "1234", "the"]


class LambdaRelease(Release):
    """The output of each command of a release with an HTTP API."""

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

    def versions(self) -> list[str]:
        """Return the published versions of the function."""
        client = self.scripts.client("lambda")
        page = client.list_versions_by_function(FunctionName=self.deploy["function_name"])
        return [version["Version"] for version in page["Versions"]]

    def check_against_its_document(self, folder: Path) -> None:
        """Send generated requests to the API; fail if a response is not as documented.

        API Gateway answers 404, not 405, for a method that no route has.
        """
        url = self.deploy["api_url"]
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", "--no-color"),
                *("--generation-deterministic", "--max-examples", "200", "--request-timeout", "10"),
                *("--exclude-checks", "unsupported_method,allow_header_conformance"),
                *("--url", url, f"{url}/openapi.json"),
            ],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout
        assert "No issues found" in ended.stdout

    def objects(self, prefix: str = "lambda/") -> list[str]:
        """Return the keys below a prefix of the bucket."""
        page = self.scripts.client("s3").list_objects_v2(Bucket=self.setup["bucket"], Prefix=prefix)
        return [item["Key"] for item in page.get("Contents", [])]


def make_lambda_release(aws: LocalAws) -> LambdaRelease:
    """Set up, upload the generated sample, train, approve and deploy to Lambda."""
    deploy = ("--target", "lambda")
    release = make_release(Scripts(aws, REGION), *SAMPLE, recipe=RECIPE, deploy=deploy)
    return LambdaRelease(**vars(release))
