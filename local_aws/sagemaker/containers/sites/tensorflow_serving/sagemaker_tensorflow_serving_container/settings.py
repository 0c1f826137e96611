"""The environment variables that the container's programs read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OLD_VERSION = "2.19"  # the last version before AWS rewrote the container


@dataclass(frozen=True)
class Settings:
    """The container's settings and folders."""

    model_dir: Path
    code_dir: Path
    script: Path  # with the handlers
    lib_dir: Path  # of packages in the model archive
    requirements: Path  # the file that lists the packages to install
    work_dir: Path  # of the configuration files; /sagemaker in a real container
    port: int
    default_model: str  # empty: the first model
    port_range: tuple[int, int] | None
    instance_count: int
    enable_batching: bool
    wait_seconds: int
    intra_op: str
    inter_op: str
    is_old: bool  # the container before its rewrite

    @property
    def has_python_service(self) -> bool:
        """Whether Python code handles requests before the model server."""
        return any(path.exists() for path in (self.script, self.requirements, self.lib_dir))

    def ports(self) -> list[tuple[int, int]]:
        """Return the gRPC port and the REST port of each model server."""
        if self.port_range is None:
            return [(9000, 8501)]
        low, high = self.port_range
        if low + 2 * self.instance_count > high:
            raise ValueError(
                f"not enough ports available in SAGEMAKER_SAFE_PORT_RANGE ({low}-{high})"
            )
        return [(low + 2 * index, low + 2 * index + 1) for index in range(self.instance_count)]


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the variables; raise ValueError naming an invalid one."""
    base = Path(env.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    batching = env.get("SAGEMAKER_TFS_ENABLE_BATCHING", "false").lower()
    if batching not in ("true", "false"):
        raise ValueError("SAGEMAKER_TFS_ENABLE_BATCHING must be 'true' or 'false'")
    port_range = env.get("SAGEMAKER_SAFE_PORT_RANGE")
    low, _, high = (port_range or "").partition("-")
    name = env.get("SAGEMAKER_TFS_DEFAULT_MODEL_NAME", "None")
    code = base / "model" / "code"
    return Settings(
        model_dir=base / "model",
        code_dir=code,
        script=code / "inference.py",
        lib_dir=code / "lib",
        requirements=code / "requirements.txt",
        work_dir=base.parents[1] / "sagemaker" if len(base.parents) > 1 else Path("/sagemaker"),
        port=int(env.get("SAGEMAKER_BIND_TO_PORT", "8080")),
        default_model="" if name == "None" else name,
        port_range=(int(low), int(high)) if port_range else None,
        instance_count=int(env.get("SAGEMAKER_TFS_INSTANCE_COUNT", "1")),
        enable_batching=batching == "true",
        # On AWS, 55 seconds for all model servers together; Python's TensorFlow starts more slowly.
        wait_seconds=int(env.get("SAGEMAKER_TFS_WAIT_TIME_SECONDS", "60")),
        intra_op=env.get("SAGEMAKER_TFS_INTRA_OP_PARALLELISM", "0"),
        inter_op=env.get("SAGEMAKER_TFS_INTER_OP_PARALLELISM", "0"),
        is_old=env.get("SAGEMAKER_TFS_VERSION", "") == _OLD_VERSION,
    )
