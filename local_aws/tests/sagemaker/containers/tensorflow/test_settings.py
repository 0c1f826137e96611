"""Which models and settings the TensorFlow container has, without starting a process."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_model_server.settings import ModelConfig, find_fault, read_settings, version_folders
from sagemaker_tensorflow_serving_container.settings import (
    Settings,
    batching_config,
    find_models,
    model_config,
)

from local_aws.sagemaker.hosting.ports import give_back, take_ports


def read_models(folder: Path, models: list[Path]) -> tuple[ModelConfig, ...]:
    """Return the models that the server reads in the config file that the container writes."""
    path = folder / "models.cfg"
    path.write_text(model_config(models))
    return read_settings([f"--model_config_file={path}"]).models


@pytest.mark.observes("tfs-layout")
def test_models_are_the_folders_with_numbered_subfolders(tmp_path):
    for name in ("1", "b/002", "b/3", "a/c/7", "named", "a/x"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "saved_model.pb").write_bytes(b"")
    (tmp_path / "b" / "9").mkdir()  # a version without a model is in the file too
    models = find_models(tmp_path)
    assert models == [tmp_path, tmp_path / "a" / "c", tmp_path / "b"]
    configs = read_models(tmp_path, models)
    assert [item.name for item in configs] == [tmp_path.name, "c", "b"]
    assert configs[2].versions == (2, 3, 9)


def test_folder_with_a_quote_in_its_name_is_escaped_in_the_config(tmp_path):
    folder = tmp_path / "it's \\ here"
    (folder / "1").mkdir(parents=True)
    assert read_models(tmp_path, [folder]) == (ModelConfig(folder.name, folder, (1,)),)


@pytest.mark.observes("tfs-batching-file")
def test_batching_file_has_the_defaults_of_the_container():
    assert batching_config({"LOCAL_AWS_CPUS": "3"}).splitlines() == [
        "max_batch_size { value: 8 }",
        "batch_timeout_micros { value: 1000 }",
        "num_batch_threads { value: 3 }",
        "max_enqueued_batches { value: 3 }",
    ]
    lines = batching_config({"LOCAL_AWS_CPUS": "3", "SAGEMAKER_BATCH": "true"}).splitlines()
    assert lines[-1] == "max_enqueued_batches { value: 100000000 }"


@pytest.mark.observes("tfs-ports")
def test_ports_without_a_range_are_the_defaults_of_tensorflow_serving():
    assert Settings({}).ports() == [(9000, 8501)]
    assert Settings({}).port == 8080


@pytest.mark.observes("tfs-variables-refused")
@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"SAGEMAKER_TFS_ENABLE_BATCHING": "yes"}, "must be 'true' or 'false'"),
        (
            {"SAGEMAKER_SAFE_PORT_RANGE": "9000-9003", "SAGEMAKER_TFS_INSTANCE_COUNT": "2"},
            r"not enough ports available in SAGEMAKER_SAFE_PORT_RANGE \(9000-9003\)",
        ),
    ],
)
def test_invalid_variables_are_rejected(env, words):
    with pytest.raises(ValueError, match=words):
        Settings(env).ports()


def test_versions_are_the_configured_ones(tmp_path):
    for name in ("1", "002", "3", "x"):
        (tmp_path / name).mkdir()
    folders = {1: tmp_path / "1", 2: tmp_path / "002"}
    assert version_folders(ModelConfig("m", tmp_path, (1, 2))) == folders


@given(st.binary(max_size=40))
def test_any_file_is_a_graph_or_a_fault(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("graph")
    (folder / "saved_model.pb").write_bytes(content)
    fault = find_fault(folder)
    assert fault is None or "Can't parse" in fault


def test_folder_without_a_graph_is_a_fault(tmp_path: Path):
    assert "Could not find SavedModel .pb" in str(find_fault(tmp_path))


@pytest.mark.observes("pipeline-ports")
def test_port_ranges_do_not_overlap():
    ranges = [take_ports(10) for _ in range(50)]
    try:
        assert all(len(ports) == 10 for ports in ranges)
        assert len({port for ports in ranges for port in ports}) == 500
    finally:
        for ports in ranges:
            give_back(ports)
