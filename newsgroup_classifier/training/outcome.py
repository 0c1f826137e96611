"""What every training program leaves behind: its metrics in the log and in a file."""

import json
from collections.abc import Mapping

from newsgroup_classifier.training.environment import TrainingPaths


def tell_metrics(metrics: Mapping[str, float]) -> None:
    """Print one metric a line: train:name, validation:name, and all others by test:name."""
    for name, value in metrics.items():
        said = name.startswith(("train_", "validation_"))
        label = name.replace("_", ":", 1) if said else f"test:{name}"
        print(f"{label}={value!r}", flush=True)


def write_metrics(metrics: Mapping[str, float], paths: TrainingPaths) -> None:
    """Write metrics.json into the output data folder; it appears whole."""
    paths.output_data.mkdir(parents=True, exist_ok=True)
    part = paths.output_data / "metrics.part"
    part.write_text(json.dumps(metrics, indent=1), encoding="utf-8")
    part.replace(paths.output_data / "metrics.json")
