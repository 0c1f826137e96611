"""The container's settings, and the model server's configuration files and command line."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

_OLD_VERSION = "2.19"  # the last version before AWS rewrote the container
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


class Settings:
    """The container's settings and folders."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        """Read the variables; raise ValueError naming an invalid one."""
        base = Path(env.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
        self.model_dir = base / "model"
        self.code_dir = self.model_dir / "code"
        self.script = self.code_dir / "inference.py"  # with the handlers
        self.lib_dir = self.code_dir / "lib"  # of packages in the model archive
        self.requirements = self.code_dir / "requirements.txt"
        # The folder of the configuration files is /sagemaker in a real container.
        self.work_dir = Path(*base.parts[:-2], "sagemaker")
        self.port = int(env.get("SAGEMAKER_BIND_TO_PORT", "8080"))
        name = env.get("SAGEMAKER_TFS_DEFAULT_MODEL_NAME", "None")
        self.default_model = "" if name == "None" else name  # empty: the first model
        self._port_range = env.get("SAGEMAKER_SAFE_PORT_RANGE", "")
        self._instance_count = int(env.get("SAGEMAKER_TFS_INSTANCE_COUNT", "1"))
        batching = env.get("SAGEMAKER_TFS_ENABLE_BATCHING", "false").lower()
        if batching not in ("true", "false"):
            raise ValueError("SAGEMAKER_TFS_ENABLE_BATCHING must be 'true' or 'false'")
        self.enable_batching = batching == "true"
        # On AWS, 55 seconds for all model servers together; Python's TensorFlow starts more slowly.
        self.wait_seconds = int(env.get("SAGEMAKER_TFS_WAIT_TIME_SECONDS", "60"))
        self.intra_op = env.get("SAGEMAKER_TFS_INTRA_OP_PARALLELISM", "0")
        self.inter_op = env.get("SAGEMAKER_TFS_INTER_OP_PARALLELISM", "0")
        self.is_old = env.get("SAGEMAKER_TFS_VERSION", "") == _OLD_VERSION

    @property
    def has_python_service(self) -> bool:
        """Whether Python code handles requests before the model server."""
        return any(path.exists() for path in (self.script, self.requirements, self.lib_dir))

    def ports(self) -> list[tuple[int, int]]:
        """Return the gRPC port and the REST port of each model server."""
        if not self._port_range:
            return [(9000, 8501)]
        low, high = map(int, self._port_range.split("-"))
        if low + 2 * self._instance_count > high:
            raise ValueError(
                f"not enough ports available in SAGEMAKER_SAFE_PORT_RANGE ({low}-{high})"
            )
        return [(low + 2 * index, low + 2 * index + 1) for index in range(self._instance_count)]


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
