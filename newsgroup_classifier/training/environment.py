"""SageMaker's environment variables for folders and hyperparameters.

Each folder has a default for training without SageMaker.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsgroup_classifier.errors import HyperparameterError

JOB_NAME = "TRAINING_JOB_NAME"  # set by SageMaker
# Set by `train` and `tune`: the commit of the code, the name of own data, and "yes" for a generated
# sample.
COMMIT, DATA_NAME = "NEWSGROUP_CLASSIFIER_COMMIT", "NEWSGROUP_CLASSIFIER_DATA_NAME"
GENERATED_SAMPLE = "NEWSGROUP_CLASSIFIER_GENERATED_SAMPLE"
# Set by `evaluate`, for its processing job.
CHANNEL_FILE, MODEL_SHA256 = "NEWSGROUP_CLASSIFIER_CHANNEL_FILE", "NEWSGROUP_CLASSIFIER_SHA256"
PROCESSING = "/opt/ml/processing"  # the folder below which such a job has its own


@dataclass(frozen=True)
class TrainingPaths:
    """The folders and files that a training program reads and writes."""

    train: Path
    test: Path
    lexicon: Path
    vectors: Path
    model: Path
    output_data: Path
    failure: Path
    piped: frozenset[str] = frozenset()  # channels with one pipe per pass

    @property
    def checkpoints(self) -> Path:
        """The folder that SageMaker synchronizes with S3 while the job runs."""
        return self.model.parent / "checkpoints"


def training_paths(environ: Mapping[str, str]) -> TrainingPaths:
    """Return the paths of a training job, or `./data` and `./artifact` outside of a job."""
    output_data = Path(environ.get("SM_OUTPUT_DATA_DIR", "artifact/output/data"))
    return TrainingPaths(
        train=Path(environ.get("SM_CHANNEL_TRAIN", "data/train")),
        test=Path(environ.get("SM_CHANNEL_TEST", "data/test")),
        lexicon=Path(environ.get("SM_CHANNEL_LEXICON", "data/lexicon")),
        vectors=Path(environ.get("SM_CHANNEL_VECTORS", "data/vectors")),
        model=Path(environ.get("SM_MODEL_DIR", "artifact/model")),
        output_data=output_data,
        failure=output_data.parent / "failure",
        piped=_piped(environ),
    )


def _piped(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the channels that have pipes (folder_0, folder_1, ...) instead of a folder."""
    config = json.loads(environ.get("SM_INPUT_DATA_CONFIG", "{}"))
    return frozenset(
        name for name, channel in config.items() if channel.get("TrainingInputMode") == "Pipe"
    )


def launcher_hyperparameters(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the hyperparameters in SM_HPS: strings unchanged, and other values as JSON.

    All launchers set it to the same values. Their flags differ, and the toolkit's lose the types:
    nothing for null, True for true, a=1 for {"a": 1}.
    """
    text = environ.get("SM_HPS", "{}")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise HyperparameterError(f"SM_HPS is {text[:200]!r}; expected a JSON object")
    return {
        name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for name, value in values.items()
    }
