"""SKLearnProcessor of SDK v2 runs unchanged in the local AWS."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.cloud import split_uri
from local_aws.testing import ROOT
from local_aws.tests.account import IMAGE, unique

pytestmark = [pytest.mark.toolkit, pytest.mark.slow]
SDK = "sagemaker==2.257.7"
PROGRAM = Path(__file__).with_name("sdk_v2_processor.py")
CENSUS = "age,income\n" + "".join(f"{age},{age % 2}\n" for age in range(20, 60))
# The SDK sends telemetry by default; tests must not use the network.
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1,localhost"}


@pytest.fixture(scope="module")
def python() -> list[str]:
    """Return the command of a Python with the SDK, which uv has already."""
    own = ROOT / ".venv-uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(own) if own.exists() else "")
    command = [uv, "tool", "run", "--offline", "--python", sys.executable, "--from", SDK, "python"]
    if not uv or subprocess.run([*command, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"needs uv with {SDK}: uv tool run --from {SDK} python -V")
    return command


@pytest.mark.observes("processing-sdk-v2")
def test_processor_of_sdk_v2_splits_data_into_two_outputs(account, python, tmp_path):
    data = account.upload(f"{unique('data')}/census.csv", CENSUS)
    ended = subprocess.run(
        [*python, str(PROGRAM), account.role, account.bucket, data, IMAGE],
        env=account.aws.environment() | OFFLINE,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    status, *outputs = ended.stdout.splitlines()[-3:]
    assert status == "Completed"
    lines = {}
    for name, uri in map(str.split, outputs):
        bucket, key = split_uri(f"{uri}/{name.removesuffix('_data')}.csv")
        body = account.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        lines[name] = len(body.splitlines())
    assert lines == {"train_data": 33, "test_data": 9}
