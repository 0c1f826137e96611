"""The CDK bootstraps an account, and deploys, deploys again, and destroys an application."""

import json
import shlex
import subprocess
import urllib.request
from pathlib import Path

import pytest

from local_aws.tests.awslambda.functions import RUNTIME
from local_aws.tests.clients.packages import npm_program, python_with

pytestmark = [pytest.mark.toolkit, pytest.mark.slow]
CLI, LIBRARY = "aws-cdk@2.1148.1", "aws-cdk-lib==2.275.0"
APPLICATION = Path(__file__).with_name("cdk_app.py")
CODE = "def handler(event, context):\n    return {'statusCode': 200, 'body': event['rawPath']}\n"


@pytest.fixture
def cdk(local_aws, tmp_path):
    """Return a function that runs a command of the CDK with the application."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(CODE)
    python = python_with(LIBRARY)
    program, application = npm_program(CLI), [*python, str(APPLICATION), RUNTIME, str(code)]
    quiet = {"CDK_DISABLE_CLI_TELEMETRY": "1", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(*words: str) -> str:
        ended = subprocess.run(
            [*program, *words, "--app", shlex.join(application)],
            env=local_aws.environment() | quiet,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    return run


@pytest.mark.timeout(600)
@pytest.mark.observes("cdk")
def test_application_is_deployed_called_deployed_again_and_destroyed(cdk, local_aws, tmp_path):
    assert "bootstrapped" in cdk("bootstrap")
    deploy = ("deploy", "--require-approval", "never")
    cdk(*deploy, "--outputs-file", "outputs.json")
    api = json.loads((tmp_path / "outputs.json").read_text())["CdkTried"]["ApiId"]
    url = f"{local_aws.url}/_local_aws/apis/{api}/hello"
    with urllib.request.urlopen(url) as response:  # noqa: S310 - the local AWS
        assert response.read() == b"/hello"
    assert "no changes" in cdk(*deploy)
    assert "destroyed" in cdk("destroy", "--force")
    stacks = local_aws.client("cloudformation").list_stacks()["StackSummaries"]
    left = {each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"}
    assert "CdkTried" not in left
