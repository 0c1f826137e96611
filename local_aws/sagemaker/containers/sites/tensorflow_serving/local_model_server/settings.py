"""The flags of `tensorflow_model_server` and its two configuration files."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What the container's `serve` command writes into the two files.
_TEXT = r"'((?:[^'\\]|\\.)*)'"
_CONFIG = re.compile(
    rf"config:?\s*\{{\s*name: {_TEXT}\s*base_path: {_TEXT}\s*model_platform: 'tensorflow'([^']*)"
)
_PARAMETER = re.compile(r"^(\w+) \{ value: (.*) \}$", re.MULTILINE)


class ModelServerError(Exception):
    """The model server cannot start; the message becomes the endpoint's FailureReason."""


@dataclass(frozen=True)
class ModelConfig:
    """A configured model: its name, its folder, and its versions."""

    name: str
    base_path: Path
    versions: tuple[int, ...]  # empty: the newest


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
    """Read the flags and their files; raise ModelServerError if they are invalid."""
    flags = _parser().parse_args(arguments)
    cpus = int(os.environ.get("LOCAL_AWS_CPUS", os.cpu_count() or 1))
    if flags.model_config_file:
        models = _models(flags.model_config_file)
    else:
        models = (ModelConfig(flags.model_name, Path(flags.model_base_path), ()),)
    batching = None
    if flags.enable_batching == "true":
        batching = _batching(flags.batching_parameters_file, cpus)
    return Settings(
        flags.port,
        flags.rest_api_port,
        flags.rest_api_num_threads or 4 * cpus,
        models,
        batching,
        flags.tensorflow_intra_op_parallelism or cpus,
        flags.tensorflow_inter_op_parallelism or cpus,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tensorflow_model_server",
        description="The local AWS's stand-in for TensorFlow Serving.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version="TensorFlow ModelServer: the local AWS's stand-in"
    )
    parser.add_argument("--port", type=int, default=8500)
    parser.add_argument("--rest_api_port", type=int, default=0)
    parser.add_argument("--rest_api_num_threads", type=int, default=0)
    parser.add_argument("--model_config_file", default="")
    parser.add_argument("--model_name", default="default")
    parser.add_argument("--model_base_path", default="")
    parser.add_argument("--max_num_load_retries", type=int, default=5)
    parser.add_argument(
        "--enable_batching", nargs="?", const="true", default="false", choices=("true", "false")
    )
    parser.add_argument("--batching_parameters_file", default="")
    parser.add_argument("--tensorflow_intra_op_parallelism", type=int, default=0)
    parser.add_argument("--tensorflow_inter_op_parallelism", type=int, default=0)
    return parser


def _models(file: str) -> tuple[ModelConfig, ...]:
    """Read the model config file, which the container's `serve` command has written."""
    models = []
    for *quoted, policy in _CONFIG.findall(Path(file).read_text(encoding="utf-8")):
        name, path = (re.sub(r"\\(.)", r"\1", text) for text in quoted)
        versions = map(int, re.findall(r"versions: (\d+)", policy))
        models.append(ModelConfig(name, Path(path), tuple(versions)))
    return tuple(models)


def _batching(file: str, cpus: int) -> BatchingOptions:
    """Read the parameters; missing ones have TensorFlow Serving's own defaults."""
    options = {"max_batch_size": 1000, "batch_timeout_micros": 0}
    options |= {"num_batch_threads": cpus, "max_enqueued_batches": 10}
    for key, value in _PARAMETER.findall(Path(file).read_text(encoding="utf-8") if file else ""):
        try:
            options[key] = int(value)
        except ValueError as error:
            raise ModelServerError(f"{file}: {key} is not an integer: {value}") from error
    for key in ("max_batch_size", "num_batch_threads"):
        if options[key] < 1:
            raise ModelServerError(f"{file}: {key} must be positive; was {options[key]}")
    return BatchingOptions(**options)
