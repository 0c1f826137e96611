"""The names SageMaker gives to folders, in one place; each has a default for a laptop."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingPaths:
    """Where a training program reads and writes."""

    train: Path
    test: Path
    model: Path
    output_data: Path
    failure: Path


def training_paths(environ: Mapping[str, str]) -> TrainingPaths:
    """Return the paths of a training job, or `./data` and `./artifact` outside one."""
    output_data = Path(environ.get("SM_OUTPUT_DATA_DIR", "artifact/output/data"))
    return TrainingPaths(
        train=Path(environ.get("SM_CHANNEL_TRAIN", "data/train")),
        test=Path(environ.get("SM_CHANNEL_TEST", "data/test")),
        model=Path(environ.get("SM_MODEL_DIR", "artifact/model")),
        output_data=output_data,
        failure=output_data.parent / "failure",
    )
