"""The flags of `tensorflow_model_server` and the two files that they name."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local_model_server import text_format

_PLATFORM = "tensorflow"


class ModelServerError(Exception):
    """Why the model server cannot start; its text becomes the endpoint's FailureReason."""


@dataclass(frozen=True)
class ModelConfig:
    """A model of the configuration: its name, its folder, and the versions asked for."""

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
    """What the flags say."""

    grpc_port: int
    rest_port: int
    rest_threads: int
    models: tuple[ModelConfig, ...]
    batching: BatchingOptions | None
    intra_op: int
    inter_op: int


def read_settings(arguments: Sequence[str]) -> Settings:
    """Read the flags and their files; raise ModelServerError for what cannot be used."""
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
    found = []
    for config_list in text_format.values(_fields(name), "model_config_list"):
        for config in text_format.values(config_list, "config"):
            given = dict(config)
            if not given.get("name") or not given.get("base_path"):
                raise ModelServerError(f"{name}: a model has no name or no base_path")
            if given.get("model_platform") != _PLATFORM:
                raise ModelServerError(f"{name}: model_platform must be {_PLATFORM}")
            versions = [
                int(version)
                for policy in text_format.values(config, "model_version_policy")
                for specific in text_format.values(policy, "specific")
                for version in text_format.values(specific, "versions")
            ]
            base_path = Path(given["base_path"])
            found.append(ModelConfig(given["name"], base_path, tuple(versions)))
    return tuple(found)


def _batching(name: str, cpus: int) -> BatchingOptions:
    """Read the parameters; TensorFlow Serving's own defaults are for those that are not there."""
    given = {"max_batch_size": 1000, "batch_timeout_micros": 0}
    given |= {"num_batch_threads": cpus, "max_enqueued_batches": 10}
    for key, message in _fields(name) if name else ():
        if key not in given:
            raise ModelServerError(
                f"{name}: the local AWS does not reproduce the parameter {key}; it knows "
                f"{', '.join(given)}"
            )
        try:
            given[key] = int(dict(message)["value"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelServerError(f"{name}: {key} has no whole number: {message}") from error
    for key, lowest in (("max_batch_size", 1), ("num_batch_threads", 1)):
        if given[key] < lowest:
            raise ModelServerError(f"{name}: {key} must be positive; was {given[key]}")
    return BatchingOptions(**given)
