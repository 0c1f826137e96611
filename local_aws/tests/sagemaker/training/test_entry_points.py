"""The command of a job, whose arguments and AWS's scripts lead to the job's folder."""

from pathlib import Path
from typing import Any

import pytest

from local_aws.processes import namespaces_are_used
from local_aws.sagemaker.containers.environment import OptMl
from local_aws.sagemaker.training.launchers import launch_command
from local_aws.settings import Settings

PYTHON = Path("/image/bin/python")
ALGORITHM = {"ContainerEntrypoint": ["/bin/bash"]}


def command(folder: Path, namespaces: bool = False, **algorithm: Any) -> list[str]:
    """Return the command of a job in a folder."""
    opt_ml = OptMl(Settings(folder, namespaces=namespaces), folder)
    return launch_command(algorithm, opt_ml, folder / "input" / "data", PYTHON)


@pytest.fixture
def drivers(tmp_path: Path) -> Path:
    """Create the folder of the channel sm_drivers."""
    folder = tmp_path / "input" / "data" / "sm_drivers"
    folder.mkdir(parents=True)
    return folder


def test_launch_command_without_an_entry_point_starts_the_toolkit(tmp_path):
    words = command(tmp_path)
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
def test_without_namespaces_a_command_has_the_folder_of_the_job_in_place_of_opt_ml(
    tmp_path, drivers, text, relocated
):
    script = drivers / "sm_train.sh"
    script.write_text(text)
    expected = relocated.replace("{ml}", str(tmp_path))
    words = command(tmp_path, ContainerArguments=["-c", text], **ALGORITHM)
    assert words[-3:] == ["/bin/bash", "-c", expected]
    assert script.read_text() == expected


def test_command_and_scripts_of_a_job_with_its_own_opt_ml_are_unchanged(tmp_path, drivers):
    if not namespaces_are_used(Settings(tmp_path)):
        pytest.skip("this computer has no mount namespaces")
    (drivers / "sm_train.sh").write_text("cat /opt/ml/a")
    words = command(tmp_path, True, ContainerArguments=["-c", "/opt/ml/b"], **ALGORITHM)
    assert words[-3:] == ["/bin/bash", "-c", "/opt/ml/b"]
    assert (drivers / "sm_train.sh").read_text() == "cat /opt/ml/a"


def test_launch_command_does_not_change_other_channels_and_binary_files(tmp_path, drivers):
    code = drivers.parent / "code" / "train.py"
    code.parent.mkdir()
    code.write_text("print('/opt/ml/model')")
    (drivers / "image.bin").write_bytes(b"\xff\x00\r\n")
    command(tmp_path, **ALGORITHM)
    assert code.read_text() == "print('/opt/ml/model')"
    assert (drivers / "image.bin").read_bytes() == b"\xff\x00\r\n"
