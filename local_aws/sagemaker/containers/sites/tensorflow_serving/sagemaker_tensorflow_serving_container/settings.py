"""The environment variables that the container's programs read."""

import os
from collections.abc import Mapping
from pathlib import Path

_OLD_VERSION = "2.19"  # the last version before AWS rewrote the container


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
