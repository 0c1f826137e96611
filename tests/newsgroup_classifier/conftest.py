"""Fixtures of the library's tests: the generated sample, and a training on the real posts."""

import os
from pathlib import Path

import pandas as pd
import pytest

from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.texts import (
    TEST_FILE,
    TRAIN_FILE,
    Dataset,
    read_channel,
    write_channel,
)
from newsgroup_classifier.datasets.newsgroups import GROUPS, generate_newsgroups, load_newsgroups
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult, train

ROOT = Path(__file__).resolve().parents[2]
ABOUT = {
    "recipe": "newsgroups-naive-bayes",
    "label_names": GROUPS,
    "hyperparameters": {"alpha": 0.01},
    "metrics": {"accuracy": 0.5},
}


def data_folder() -> Path:
    """Return the folder of the real data sets, or skip the test if there is none."""
    folder = os.environ.get("DATASETS_DIR")
    if not folder:
        pytest.skip("DATASETS_DIR is not set: no real data sets here")
    return Path(folder)


def unlabeled_sentences() -> list[str]:
    """Return the sentences of the Spooky authors that are published without their labels."""
    path = data_folder() / "spooky-author-identification" / "test-unlabelled.csv.gz"
    return pd.read_csv(path, keep_default_na=False)["text"].tolist()


def write_channels(dataset: Dataset, folder: Path) -> Path:
    """Write both channels into the folders that SageMaker uses; return their parent."""
    for name, file, frame in (
        ("train", TRAIN_FILE, dataset.train),
        ("test", TEST_FILE, dataset.test),
    ):
        (folder / name).mkdir(parents=True)
        write_channel(frame, folder / name / file)
    return folder


DEFAULTS = RECIPES["newsgroups-naive-bayes"].defaults


def job_variables(channels: Path, tmp_path: Path) -> dict[str, str]:
    """Return the variables of a training job on channels with its own output folder."""
    return {
        "SM_CHANNEL_TRAIN": str(channels / "train"),
        "SM_CHANNEL_TEST": str(channels / "test"),
        "SM_MODEL_DIR": str(tmp_path / "model"),
        "SM_OUTPUT_DATA_DIR": str(tmp_path / "output" / "data"),
    }


def refusal(container: Path, *argv: str) -> str:
    """Return the failure file of a scikit-learn training program that must fail."""
    assert train_sklearn.main(list(argv)) == 1
    return (container / "output" / "failure").read_text()


@pytest.fixture
def container(job: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Set the variables of the `job` fixture in this process; return the output folder."""
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture(scope="session")
def sample() -> Dataset:
    """Generate newsgroup posts, which tests only read."""
    return generate_newsgroups()


@pytest.fixture(scope="session")
def sample_channels(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the channels of the sample, which tests only read."""
    return write_channels(sample, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def real_dataset() -> Dataset:
    """Load the real 20 Newsgroups posts."""
    return load_newsgroups(data_folder())


@pytest.fixture(scope="session")
def real_training(
    real_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> TrainingResult:
    """Train naive Bayes on channels of the real posts."""
    channels = write_channels(real_dataset, tmp_path_factory.mktemp("real"))
    train_set = read_channel(channels / "train" / TRAIN_FILE)
    test_set = read_channel(channels / "test" / TEST_FILE)
    return train(RECIPES["newsgroups-naive-bayes"], {"alpha": 0.01}, train_set, test_set)


@pytest.fixture(scope="session")
def artifact(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save naive Bayes, trained on the sample, to a folder that tests copy before changing it."""
    pipeline = RECIPES["newsgroups-naive-bayes"].build({"alpha": 0.01})
    pipeline.fit(list(sample.train["data"]), list(sample.train["label"]))
    folder = tmp_path_factory.mktemp("artifact")
    objects = {artifacts.PREPROCESS: pipeline[:-1], artifacts.MODEL: pipeline[-1]}
    artifacts.save_artifact(folder, objects, ABOUT, ROOT)
    return folder
