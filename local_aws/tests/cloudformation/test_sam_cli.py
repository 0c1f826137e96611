"""The SAM CLI deploys, calls, and deletes an application with its own commands."""

import json
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

from local_aws.testing import ROOT, LocalAws
from local_aws.tests.account import unique
from local_aws.tests.awslambda.functions import RUNTIME

pytestmark = [pytest.mark.toolkit, pytest.mark.slow]
SAM = "aws-sam-cli==1.164.0"
CODE = "def handler(event, context):\n    return {'statusCode': 200, 'body': event['rawPath']}\n"
GET = {"Type": "HttpApi", "Properties": {"Path": "/hello", "Method": "GET"}}
TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Hello": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": "code/",
                "Handler": "app.handler",
                "Runtime": RUNTIME,
                "Timeout": 20,
                "Events": {"Get": GET},
            },
        }
    },
    "Outputs": {"Api": {"Value": {"Ref": "ServerlessHttpApi"}}},
}


@pytest.fixture(scope="module")
def sam() -> list[str]:
    """Return the command of the SAM CLI, which uv has already; tests use no network."""
    own = ROOT / ".venv-uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(own) if own.exists() else "")
    command = [uv, "tool", "run", "--offline", "--from", SAM, "sam"]
    if not uv or subprocess.run([*command, "--version"], check=False).returncode:
        pytest.skip(f"needs uv with {SAM}, which `make test-all` gets")
    return command


def run(sam: list[str], local_aws: LocalAws, folder: Path, *arguments: str) -> str:
    """Run a command of the SAM CLI in a folder; return what it printed."""
    variables = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "1"}
    ended = subprocess.run(
        [*sam, *arguments],
        env=local_aws.environment() | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("bucket", [None, "sam-cli-code"], ids=["resolve-s3", "own-bucket"])
@pytest.mark.observes("stack-change-sets")
def test_application_is_deployed_called_deployed_again_and_deleted(
    sam, local_aws, tmp_path, bucket
):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(CODE)
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    name = unique("sam")
    place = ["--resolve-s3"] if bucket is None else ["--s3-bucket", bucket, "--s3-prefix", name]
    if bucket is not None:
        local_aws.client("s3").create_bucket(Bucket=bucket)
    deploy = ["deploy", "--stack-name", name, "--template-file", "template.json", *place]
    deploy += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    assert "Successfully created/updated stack" in run(sam, local_aws, tmp_path, *deploy)
    stack = local_aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    url = f"{local_aws.url}/_local_aws/apis/{stack['Outputs'][0]['OutputValue']}/hello"
    with urllib.request.urlopen(url) as response:  # noqa: S310 - the local AWS
        assert response.read() == b"/hello"
    again = run(sam, local_aws, tmp_path, *deploy, "--no-fail-on-empty-changeset")
    assert "No changes to deploy" in again
    assert "Deleted successfully" in run(
        sam, local_aws, tmp_path, "delete", "--stack-name", name, "--no-prompts"
    )
