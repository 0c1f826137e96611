"""The configuration files and the command line of the model server."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from sagemaker_tensorflow_serving_container.settings import Settings

log = logging.getLogger(__name__)
CONFIG_FILE, BATCHING_FILE = "model-config.cfg", "batching-config.cfg"
_GRAPH = "saved_model.pb"
_QUEUE_IN_TRANSFORMS = 100_000_000  # which limit the number of concurrent requests themselves
# Each parameter with its variable and its default; None stands for the number of CPUs.
_BATCHING: tuple[tuple[str, str, int | None], ...] = (
    ("max_batch_size", "SAGEMAKER_TFS_MAX_BATCH_SIZE", 8),
    ("batch_timeout_micros", "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", 1000),
    ("num_batch_threads", "SAGEMAKER_TFS_NUM_BATCH_THREADS", None),
    ("max_enqueued_batches", "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", None),
)


def find_models(model_dir: Path) -> list[Path]:
    """Return the sorted folders that contain numbered versions of a SavedModel."""
    graphs = sorted(model_dir.rglob(_GRAPH))
    return list(
        dict.fromkeys(
            path.parents[1]
            for path in graphs
            if path.parent.name.isdecimal() and path.parent != model_dir
        )
    )


def model_config(models: list[Path]) -> str:
    """Return the content of the model config file: every version of every model."""
    return "model_config_list: {\n" + "".join(_model(folder) for folder in models) + "}\n"


def _model(folder: Path) -> str:
    numbers = sorted({int(item.name) for item in folder.iterdir() if item.name.isdecimal()})
    versions = "".join(f"        versions: {number}\n" for number in numbers)
    return (
        "  config: {\n"
        f"    name: '{_escape(folder.name)}'\n"
        f"    base_path: '{_escape(str(folder))}'\n"
        "    model_platform: 'tensorflow'\n"
        f"    model_version_policy: {{\n      specific: {{\n{versions}      }}\n    }}\n"
        "  }\n"
    )


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def batching_config(env: Mapping[str, str] = os.environ) -> str:
    """Return the content of the batching file; log a warning for each default."""
    cpus = int(env.get("LOCAL_AWS_CPUS", os.cpu_count() or 1))
    lines = []
    for name, variable, default in _BATCHING:
        value = env.get(variable)
        if value is None:
            in_transform = name == "max_enqueued_batches" and "SAGEMAKER_BATCH" in env
            value = str(_QUEUE_IN_TRANSFORMS if in_transform else default or cpus)
            log.warning("%s defaulted to %s. Set %s to override default.", name, value, variable)
        lines.append(f"{name} {{ value: {value} }}")
    return "\n".join(lines) + "\n"


def command(settings: Settings, ports: tuple[int, int]) -> list[str]:
    """Return the command that starts a model server on a gRPC and a REST port."""
    flags = [
        os.environ.get("LOCAL_AWS_MODEL_SERVER", "tensorflow_model_server"),
        f"--port={ports[0]}",
        f"--rest_api_port={ports[1]}",
        f"--model_config_file={settings.work_dir / CONFIG_FILE}",
        "--max_num_load_retries=0",
    ]
    if settings.enable_batching:
        file = settings.work_dir / BATCHING_FILE
        flags += ["--enable_batching=true", f"--batching_parameters_file={file}"]
    for name, value in (("intra", settings.intra_op), ("inter", settings.inter_op)):
        if value != "0":
            flags.append(f"--tensorflow_{name}_op_parallelism={value}")
    return flags
