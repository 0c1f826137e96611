"""The folders of a training job come from SageMaker's variables, or have local defaults."""

import json
from pathlib import Path

from newsgroup_classifier.training.environment import TrainingPaths, training_paths


def test_training_paths_in_a_container_come_from_its_variables():
    environ = {
        "SM_CHANNEL_TRAIN": "/opt/ml/input/data/train",
        "SM_CHANNEL_TEST": "/opt/ml/input/data/test",
        "SM_CHANNEL_LEXICON": "/opt/ml/input/data/lexicon",
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
    }
    assert training_paths(environ) == TrainingPaths(
        train=Path("/opt/ml/input/data/train"),
        test=Path("/opt/ml/input/data/test"),
        lexicon=Path("/opt/ml/input/data/lexicon"),
        vectors=Path("data/vectors"),
        model=Path("/opt/ml/model"),
        output_data=Path("/opt/ml/output/data"),
        failure=Path("/opt/ml/output/failure"),
    )


def test_training_paths_without_variables_are_in_the_working_folder():
    assert training_paths({}) == TrainingPaths(
        train=Path("data/train"),
        test=Path("data/test"),
        lexicon=Path("data/lexicon"),
        vectors=Path("data/vectors"),
        model=Path("artifact/model"),
        output_data=Path("artifact/output/data"),
        failure=Path("artifact/output/failure"),
    )


def test_training_paths_with_input_mode_pipe_name_the_piped_channels():
    config = {"train": {"TrainingInputMode": "Pipe"}, "test": {"TrainingInputMode": "File"}}
    config["lexicon"] = {}  # other launchers may omit the input mode
    environ = {"SM_INPUT_DATA_CONFIG": json.dumps(config)}
    assert training_paths(environ).piped == {"train"}
