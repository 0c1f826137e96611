"""The folders of a training job come from SageMaker's variables, or have local defaults."""

import json
from pathlib import Path

from newsgroup_classifier.training.environment import TrainingPaths, training_paths

_PATHS = ("train", "test", "lexicon", "vectors", "model", "output_data", "failure")


def paths(*folders: str) -> TrainingPaths:
    return TrainingPaths(**dict(zip(_PATHS, map(Path, folders), strict=True)))


def test_training_paths_in_a_container_come_from_its_variables():
    data, output = "/opt/ml/input/data", "/opt/ml/output"
    environ = {
        **{f"SM_CHANNEL_{name.upper()}": f"{data}/{name}" for name in ("train", "test", "lexicon")},
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_OUTPUT_DATA_DIR": f"{output}/data",
    }
    channels = (f"{data}/train", f"{data}/test", f"{data}/lexicon", "data/vectors")
    expected = paths(*channels, "/opt/ml/model", f"{output}/data", f"{output}/failure")
    assert training_paths(environ) == expected


def test_training_paths_without_variables_are_in_the_working_folder():
    channels = ("data/train", "data/test", "data/lexicon", "data/vectors")
    outputs = ("artifact/model", "artifact/output/data", "artifact/output/failure")
    assert training_paths({}) == paths(*channels, *outputs)


def test_training_paths_with_input_mode_pipe_name_the_piped_channels():
    config = {"train": {"TrainingInputMode": "Pipe"}, "test": {"TrainingInputMode": "File"}}
    config["lexicon"] = {}  # other launchers may omit the input mode
    environ = {"SM_INPUT_DATA_CONFIG": json.dumps(config)}
    assert training_paths(environ).piped == {"train"}
