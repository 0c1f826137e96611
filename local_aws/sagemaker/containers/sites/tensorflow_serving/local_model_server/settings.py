"""The flags of `tensorflow_model_server`, its two configuration files, and folders of models."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What the container's `serve` command writes into the two files.
_TEXT = r"'((?:[^'\\]|\\.)*)'"
_CONFIG = re.compile(
    rf"config:?\s*\{{\s*name: {_TEXT}\s*base_path: {_TEXT}\s*model_platform: 'tensorflow'"
    r"([^']*?)(?=config|\Z)"
)
_PARAMETER = re.compile(r"^(\w+) \{ value: (.*) \}$", re.MULTILINE)
_NUMBERS = (
    *("port", "rest_api_port", "max_num_load_retries"),
    *("tensorflow_intra_op_parallelism", "tensorflow_inter_op_parallelism"),
)
GRAPH = "saved_model.pb"


class ModelServerError(Exception):
    """The model server cannot start; the message becomes the endpoint's FailureReason."""


@dataclass(frozen=True)
class ModelConfig:
    """A configured model: its name, its folder, and its versions."""

    name: str
    base_path: Path
    versions: tuple[int, ...]


@dataclass(frozen=True)
class BatchingOptions:
    """The parameters of the batching file."""

    max_batch_size: int
    batch_timeout_micros: int
    num_batch_threads: int
    max_enqueued_batches: int


@dataclass(frozen=True)
class Settings:
    """The values of the flags."""

    grpc_port: int
    rest_port: int
    rest_threads: int
    models: tuple[ModelConfig, ...]
    batching: BatchingOptions | None
    intra_op: int
    inter_op: int


def read_settings(arguments: Sequence[str]) -> Settings:
    """Read the flags that `serve` passes, and their files; raise ModelServerError if invalid."""
    parser = argparse.ArgumentParser("tensorflow_model_server", allow_abbrev=False)
    for name in _NUMBERS:
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--model_config_file", required=True)
    parser.add_argument("--enable_batching")
    parser.add_argument("--batching_parameters_file")
    flags = parser.parse_args(arguments)
    cpus = int(os.environ.get("LOCAL_AWS_CPUS", os.cpu_count() or 1))
    batching = flags.batching_parameters_file
    return Settings(
        flags.port,
        flags.rest_api_port,
        4 * cpus,
        _models(flags.model_config_file),
        _batching(batching) if batching else None,
        flags.tensorflow_intra_op_parallelism or cpus,
        flags.tensorflow_inter_op_parallelism or cpus,
    )


def _models(file: str) -> tuple[ModelConfig, ...]:
    """Read the model config file, which the container's `serve` command has written."""
    models = []
    for *quoted, policy in _CONFIG.findall(Path(file).read_text(encoding="utf-8")):
        name, path = (re.sub(r"\\(.)", r"\1", text) for text in quoted)
        versions = map(int, re.findall(r"versions: (\d+)", policy))
        models.append(ModelConfig(name, Path(path), tuple(versions)))
    return tuple(models)


def _batching(file: str) -> BatchingOptions:
    """Read the batching file, which the container's `serve` command has written."""
    options = {}
    for key, value in _PARAMETER.findall(Path(file).read_text(encoding="utf-8")):
        try:
            options[key] = int(value)
        except ValueError as error:
            raise ModelServerError(f"{file}: {key} is not an integer: {value}") from error
        if key in ("max_batch_size", "num_batch_threads") and options[key] < 1:
            raise ModelServerError(f"{file}: {key} must be positive; was {value}")
    return BatchingOptions(**options)


def version_folders(model: ModelConfig) -> dict[int, Path]:
    """Return the folders of the configured versions of a model."""
    folders = {int(item.name): item for item in model.base_path.iterdir() if item.name.isdecimal()}
    return {version: folders[version] for version in model.versions}


def find_fault(folder: Path) -> str | None:
    """Return why the SavedModel in a folder cannot be loaded, or None if no reason is found."""
    graph = folder / GRAPH
    if not graph.is_file():
        return f"Could not find SavedModel .pb at supplied export directory path: {folder.name}"
    if not _is_message(graph.read_bytes()):
        return f"Can't parse {folder.name}/{GRAPH} as binary proto: it is corrupt or truncated"
    return None


def _is_message(content: bytes) -> bool:
    from google.protobuf.empty_pb2 import Empty  # installed with TensorFlow
    from google.protobuf.message import DecodeError

    try:
        Empty.FromString(content)
    except DecodeError:
        return False
    return bool(content)
