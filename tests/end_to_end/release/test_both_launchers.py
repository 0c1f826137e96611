"""The entry point trains the same model under the training toolkit and SDK v3's launcher."""

import io
import json
import tarfile
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws.testing import LocalAws
from local_aws.tests.account import Account, unique
from local_aws.tests.sagemaker.training import v3_launcher
from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE, write_channel
from newsgroup_classifier.datasets.newsgroups import generate_newsgroups
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.jobs.bundles import pack_sources
from tests.newsgroup_classifier.conftest import DEFAULTS
from tests.scripts.processes import RECIPE

BUNDLE = pack_sources(RECIPES[RECIPE].requirements)
PROGRAM = RECIPES[RECIPE].program


@dataclass(frozen=True)
class Launchers:
    """Training jobs of the recipe on the generated sample, under either launcher."""

    account: Account
    channels: dict[str, str]

    def run(self, launcher: str, alpha: str) -> dict[str, Any]:
        """Run a training job until it ends; return its description."""
        values = {"recipe": RECIPE, "alpha": alpha}
        request = self._v3(values) if launcher == "v3" else self._toolkit(values)
        request["InputDataConfig"] += [
            v3_launcher.channel(name, uri) for name, uri in self.channels.items()
        ]
        self.account.sagemaker.create_training_job(**request)
        return self.account.finished_job(request["TrainingJobName"])

    def _toolkit(self, values: dict[str, str]) -> dict[str, Any]:
        uri = self.account.upload(f"{unique('code')}/sourcedir.tar.gz", BUNDLE)
        platform = {"sagemaker_program": PROGRAM, "sagemaker_submit_directory": uri}
        return self.account.job_request({}, HyperParameters=values | platform, InputDataConfig=[])

    def _v3(self, values: dict[str, str]) -> dict[str, Any]:
        with tarfile.open(fileobj=io.BytesIO(BUNDLE)) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar}
        return v3_launcher.job_request(
            self.account, files, values, entry_script=PROGRAM, requirements=True
        )

    def read(self, job: dict[str, Any], archive: str, name: str) -> dict[str, Any]:
        """Return a JSON file from an archive of a job."""
        assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
        model = job["ModelArtifacts"]["S3ModelArtifacts"]
        with self.account.download(model.replace("model.tar.gz", archive)) as tar:
            return dict(json.load(tar.extractfile(name)))


@pytest.fixture(scope="module")
def launchers(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Launchers:
    """Upload the channels of the generated sample for both launchers."""
    account = Account(local_aws)
    sample = generate_newsgroups()
    folder = tmp_path_factory.mktemp("channels")
    channels = {}
    for name, file, frame in (
        ("train", TRAIN_FILE, sample.train),
        ("test", TEST_FILE, sample.test),
    ):
        write_channel(frame, folder / file)
        account.upload(f"{name}/{file}", (folder / file).read_bytes())
        channels[name] = f"s3://{account.bucket}/{name}/"
    return Launchers(account, channels)


@pytest.fixture(scope="module")
def jobs(launchers: Launchers) -> dict[str, dict[str, Any]]:
    """Run a job under each launcher, with a hyperparameter that is not the default."""
    return {launcher: launchers.run(launcher, "5e-1") for launcher in ("toolkit", "v3")}


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["toolkit", "v3"])
def test_job_of_either_launcher_trains_with_the_hyperparameter_of_the_request(
    launchers, jobs, launcher
):
    manifest = launchers.read(jobs[launcher], "model.tar.gz", "manifest.json")
    assert manifest["hyperparameters"] == DEFAULTS | {"alpha": 0.5}


@pytest.mark.slow
def test_jobs_of_both_launchers_have_the_same_metrics(launchers, jobs):
    toolkit, v3 = (
        launchers.read(jobs[launcher], "output.tar.gz", "metrics.json")
        for launcher in ("toolkit", "v3")
    )
    assert toolkit == v3
    assert toolkit["train_rows"] == 800


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["toolkit", "v3"])
def test_job_of_either_launcher_fails_with_the_message_of_the_program(launchers, launcher):
    job = launchers.run(launcher, "null")
    assert job["FailureReason"] == (
        "AlgorithmError: hyperparameter alpha is 'null'; expected a number above 0, such as 0.01, "
        "exit code: 1"
    )
