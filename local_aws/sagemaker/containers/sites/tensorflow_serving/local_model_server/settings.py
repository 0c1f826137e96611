"""The flags of `tensorflow_model_server` and its two configuration files."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local_model_server import text_format

_PLATFORM = "tensorflow"


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


def _fields(name: str) -> text_format.Fields:
    try:
        return text_format.parse(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelServerError(f"{name} cannot be read: {error}") from error


def _models(name: str) -> tuple[ModelConfig, ...]:
    models = []
    for config_list in text_format.values(_fields(name), "model_config_list"):
        for config in text_format.values(config_list, "config"):
            values = dict(config)
            if not values.get("name") or not values.get("base_path"):
                raise ModelServerError(f"{name}: a model has no name or no base_path")
            if values.get("model_platform") != _PLATFORM:
                raise ModelServerError(f"{name}: model_platform must be {_PLATFORM}")
            versions = [
                int(version)
                for policy in text_format.values(config, "model_version_policy")
                for specific in text_format.values(policy, "specific")
                for version in text_format.values(specific, "versions")
            ]
            base_path = Path(values["base_path"])
            models.append(ModelConfig(values["name"], base_path, tuple(versions)))
    return tuple(models)


def _batching(name: str, cpus: int) -> BatchingOptions:
    """Read the parameters; missing ones have TensorFlow Serving's own defaults."""
    options = {"max_batch_size": 1000, "batch_timeout_micros": 0}
    options |= {"num_batch_threads": cpus, "max_enqueued_batches": 10}
    for key, message in _fields(name) if name else ():
        if key not in options:
            raise ModelServerError(
                f"{name}: the local AWS does not reproduce the parameter {key}; the supported ones "
                f"are {', '.join(options)}"
            )
        try:
            options[key] = int(dict(message)["value"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelServerError(f"{name}: {key} is not an integer: {message}") from error
    for key in ("max_batch_size", "num_batch_threads"):
        if options[key] < 1:
            raise ModelServerError(f"{name}: {key} must be positive; was {options[key]}")
    return BatchingOptions(**options)
