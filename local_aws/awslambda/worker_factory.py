"""Make the workers of a region's functions, with their runtime, credentials, and logs."""

import threading
import uuid
from functools import cached_property
from pathlib import Path

from local_aws import cloud
from local_aws.awslambda.code import Code
from local_aws.awslambda.execution.environment import Program
from local_aws.awslambda.execution.pythons import find_python
from local_aws.awslambda.execution.runtime_site import make_runtime_site
from local_aws.awslambda.execution.worker import Worker
from local_aws.awslambda.records import Configuration
from local_aws.logs import LogWriter
from local_aws.processes import namespaces_are_used
from local_aws.settings import Settings

_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_MIN_SESSION_NAME = 2


class WorkerFactory:
    """Makes workers that share one runtime and one log writer."""

    def __init__(self, region: str, settings: Settings, folder: Path) -> None:
        self._region, self._settings, self._folder = region, settings, folder
        self._lock = threading.Lock()
        self._runtimes: dict[str, Path] = {}

    @cached_property
    def _writer(self) -> LogWriter:
        return LogWriter(cloud.client("logs", self._settings, self._region))

    def make(self, configuration: Configuration, code: Code) -> Worker:
        """Return a new worker of a version whose code is unpacked."""
        program = Program(
            code.folder,
            configuration["Handler"],
            self.prepare_runtime(configuration["Runtime"]),
            self._variables(configuration),
            configuration["MemorySize"],
            configuration["Timeout"],
            has_own_tmp=namespaces_are_used(self._settings),
            python=find_python(configuration["Runtime"]),
        )
        folder = self._folder / "environments" / uuid.uuid4().hex
        return Worker(configuration, program, folder, self._writer)

    def _variables(self, configuration: Configuration) -> dict[str, str]:
        """Return the variables of the region, and those of a session of the function's role.

        AWS names the session after the function; the local IAM enforces the role's policies.
        """
        session = configuration["FunctionName"].ljust(_MIN_SESSION_NAME, "-")
        keys = cloud.role_keys(self._settings, self._region, configuration["Role"], session)
        return {
            "AWS_ENDPOINT_URL": self._settings.endpoint_url,
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            **dict(zip(_CREDENTIALS, keys, strict=True)),
        }

    def prepare_runtime(self, runtime: str) -> Path:
        """Return the folder of a runtime, which is made at its first use."""
        with self._lock:
            if runtime not in self._runtimes:
                folder = self._folder / "runtimes" / runtime
                self._runtimes[runtime] = make_runtime_site(folder, runtime)
            return self._runtimes[runtime]
