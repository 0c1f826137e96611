"""A local AWS in folders with spaces and letters outside ASCII trains and serves."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws import processes, testing
from local_aws.processes import interpreter, plain_path
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account
from local_aws.tests.sagemaker.training import iris, v3_launcher

ODD = "mit Leerzeichen und Ümläuten"


@pytest.fixture
def fresh_links() -> None:
    """Forget the links that other tests have caused."""
    plain_path.cache_clear()
    interpreter.cache_clear()
    yield
    plain_path.cache_clear()
    interpreter.cache_clear()


def test_plain_path_of_a_plain_folder_is_the_folder_itself(tmp_path: Path):
    assert plain_path(tmp_path) == tmp_path


@given(st.text("aü \t'\"$&;()*?~äß漢", min_size=1, max_size=20))
def test_plain_path_leads_to_any_folder_without_special_characters(tmp_path_factory, name: str):
    folder = tmp_path_factory.mktemp("odd") / name
    folder.mkdir()
    (folder / "file").write_text("content")
    path = plain_path(folder)
    assert shlex.split(f"{path}/file") == [f"{path}/file"]
    assert (path / "file").read_text() == "content"
    shutil.rmtree(path.parent)  # the link of an odd name, or the folder of a plain one


@pytest.mark.slow
@pytest.mark.observes("odd-paths")
def test_interpreter_in_an_odd_folder_runs_through_a_link_and_finds_its_packages(
    tmp_path: Path, monkeypatch, fresh_links
):
    odd = tmp_path / ODD
    odd.symlink_to(sys.prefix)
    executable = Path(sys.executable)
    monkeypatch.setattr(sys, "executable", str(odd / executable.relative_to(sys.prefix)))
    monkeypatch.setattr(sys, "prefix", str(odd))
    path = str(interpreter())
    assert shlex.quote(path) == path
    subprocess.run([path, "-c", "import sagemaker_training, sklearn"], check=True)


def test_computer_without_a_plain_temporary_folder_is_told_to_set_one(
    tmp_path: Path, monkeypatch, fresh_links
):
    odd = tmp_path / ODD
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    monkeypatch.setattr(processes, "_TEMPORARY_FOLDERS", ())
    with pytest.raises(FileNotFoundError, match="Set TMPDIR") as caught:
        plain_path(odd)
    assert str(odd) in str(caught.value)


@pytest.mark.observes("odd-paths")
@pytest.mark.slow
def test_copy_in_an_odd_folder_trains_installs_requirements_and_serves(tmp_path: Path, monkeypatch):
    root = tmp_path / ODD
    skipped = shutil.ignore_patterns("tests", "__pycache__", ".*")
    shutil.copytree(testing.ROOT / "local_aws", root / "local_aws", ignore=skipped)
    (root / "environment").symlink_to(sys.prefix)
    (root / "temporary").mkdir()
    executable = root / "environment" / Path(sys.executable).relative_to(sys.prefix)
    monkeypatch.setattr(testing, "ROOT", root)
    monkeypatch.setattr(sys, "executable", str(executable))
    monkeypatch.setenv("TMPDIR", str(root / "temporary"))
    with running_local_aws("--instance-cpus", "1") as aws:
        account = Account(aws)
        files = {"train.py": "import tqdm; print('ran')", "requirements.txt": "tqdm\n"}
        job = account.run_job(files)
        assert "ran" in account.job_log(job["TrainingJobName"])
        job = v3_launcher.run_job(
            account, "import tqdm; print('ran')", more=files, requirements=True
        )
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        account.deploy(iris.container(iris.train(account)))
    assert list((root / "temporary").iterdir()) == []
