"""Scripts of --init prepare the local AWS before it says that it is ready."""

import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.__main__ import parse_arguments
from local_aws.testing import ROOT, running_local_aws

CREATE = """\
import boto3

boto3.client("s3").create_bucket(Bucket="from-python")
"""
COPY = """\
set -euo pipefail
test -n "$AWS_ACCESS_KEY_ID"
curl --version > /dev/null || true
PYTHON -c 'import boto3; boto3.client("s3").upload_file("data.txt", "from-python", "from-bash")'
"""


def start_with(folder: Path) -> subprocess.CompletedProcess[str]:
    """Start a local AWS whose scripts must fail; wait for its end."""
    command = [sys.executable, "-m", "local_aws", "--port", "0", "--init", str(folder)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.mark.slow
@pytest.mark.observes("init-scripts")
def test_scripts_run_in_the_order_of_their_names_before_the_start_is_complete(tmp_path):
    (tmp_path / "10-create.py").write_text(CREATE)
    (tmp_path / "20-copy.sh").write_text(COPY.replace("PYTHON", sys.executable))
    (tmp_path / "data.txt").write_text("for the scripts to read")
    with running_local_aws("--init", str(tmp_path)) as aws:
        body = aws.client("s3").get_object(Bucket="from-python", Key="from-bash")["Body"].read()
    assert body == b"for the scripts to read"


@pytest.mark.slow
@pytest.mark.observes("init-scripts")
def test_failing_script_ends_the_start_with_its_name_and_last_lines(tmp_path):
    lines = "".join(f"print('line {number}')\n" for number in range(50))
    (tmp_path / "1.py").write_text(f"{lines}raise SystemExit(3)\n")
    (tmp_path / "2.sh").write_text("echo never\n")
    ended = start_with(tmp_path)
    assert ended.returncode == 1
    message = ended.stderr[ended.stderr.index("error:") :]
    last = "".join(f"  line {number}\n" for number in range(40, 50))
    assert message == f"error: the script {tmp_path}/1.py failed with exit code 3:\n{last}"
    assert "never" not in ended.stderr and "Local AWS on" not in ended.stderr
    (tmp_path / "1.py").write_text("raise SystemExit(3)\n")
    assert start_with(tmp_path).stderr.endswith("failed with exit code 3. It printed nothing.\n")


@pytest.mark.parametrize("flag", ["--init", "--data-dir"])
def test_empty_name_of_a_folder_is_refused_instead_of_meaning_the_working_directory(flag, capsys):
    with pytest.raises(SystemExit):
        parse_arguments([flag, ""])
    assert f"argument {flag}: '' is not the name of a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["missing", "file.py"])
def test_init_of_what_is_not_a_folder_is_refused_before_the_start(tmp_path, name):
    (tmp_path / "file.py").write_text("")
    ended = start_with(tmp_path / name)
    assert ended.returncode == 2
    assert f"--init: '{tmp_path / name}' is not a folder" in ended.stderr
