"""The command of a job: AWS's scripts refer to the job's folder instead of /opt/ml."""

from pathlib import Path

import pytest

from local_aws.sagemaker.training.entry_points import launch_command

PYTHON = Path("/image/bin/python")
ALGORITHM = {"ContainerEntrypoint": ["/bin/bash"]}


@pytest.fixture
def drivers(tmp_path: Path) -> Path:
    """Create the folder of the channel sm_drivers."""
    folder = tmp_path / "input" / "data" / "sm_drivers"
    folder.mkdir(parents=True)
    return folder


def test_launch_command_without_an_entry_point_starts_the_toolkit(tmp_path):
    words = launch_command({}, tmp_path, PYTHON)
    assert words == [str(PYTHON), "-m", "sagemaker_training.cli.train"]


@pytest.mark.parametrize(
    ("text", "relocated"),
    [
        ("cat /opt/ml/input/config/a.json", "cat {ml}/input/config/a.json"),
        ('DIR = "/opt/ml"', 'DIR = "{ml}"'),
        ("A=/opt/ml/a:/opt/ml/b", "A={ml}/a:{ml}/b"),
        ("s3://bucket/opt/ml/model", "s3://bucket/opt/ml/model"),
        ("${ROOT}/opt/ml/model", "${ROOT}/opt/ml/model"),
        ("/opt/mlflow /opt/ml-2 /opt/ml.txt", "/opt/mlflow /opt/ml-2 /opt/ml.txt"),
    ],
    ids=["a path", "the folder", "a list", "an address", "a suffix", "other folders"],
)
def test_launch_command_replaces_opt_ml_with_the_folder_of_the_job(
    tmp_path, drivers, text, relocated
):
    script = drivers / "sm_train.sh"
    script.write_text(text)
    expected = relocated.replace("{ml}", str(tmp_path))
    words = launch_command(ALGORITHM | {"ContainerArguments": ["-c", text]}, tmp_path, PYTHON)
    assert words[-3:] == ["/bin/bash", "-c", expected]
    assert script.read_text() == expected


def test_launch_command_does_not_change_other_channels_and_binary_files(tmp_path, drivers):
    code = drivers.parent / "code" / "train.py"
    code.parent.mkdir()
    code.write_text("print('/opt/ml/model')")
    (drivers / "image.bin").write_bytes(b"\xff\x00\r\n")
    launch_command(ALGORITHM, tmp_path, PYTHON)
    assert code.read_text() == "print('/opt/ml/model')"
    assert (drivers / "image.bin").read_bytes() == b"\xff\x00\r\n"
