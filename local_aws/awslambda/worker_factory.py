"""Make the workers of a region's functions, with their runtime, credentials, and logs."""

import threading
import uuid
from pathlib import Path

from local_aws import cloud
from local_aws.awslambda.code import Code
from local_aws.awslambda.credentials import role_variables
from local_aws.awslambda.environment import Program
from local_aws.awslambda.log_writer import LogWriter
from local_aws.awslambda.pythons import find_python
from local_aws.awslambda.records import Configuration
from local_aws.awslambda.runtime_site import make_runtime_site
from local_aws.awslambda.worker import Blueprint, Worker
from local_aws.processes import namespaces_are_used
from local_aws.settings import Settings


class WorkerFactory:
    """Makes workers that share one runtime and one log writer."""

    def __init__(self, region: str, settings: Settings, folder: Path) -> None:
        self._region, self._settings, self._folder = region, settings, folder
        self._lock = threading.Lock()
        self._runtimes: dict[str, Path] = {}
        self._writer: LogWriter | None = None

    def make(self, configuration: Configuration, code: Code) -> Worker:
        """Return a new worker of a version whose code is unpacked."""
        program = Program(
            code.folder,
            configuration["Handler"],
            self.prepare_runtime(configuration["Runtime"]),
            {},
            configuration["MemorySize"],
            configuration["Timeout"],
            has_own_tmp=namespaces_are_used(self._settings),
            python=find_python(configuration["Runtime"]),
        )
        blueprint = Blueprint(configuration, program, self._region, self._settings.endpoint_url)
        folder = self._folder / "environments" / uuid.uuid4().hex
        owner = (configuration["Role"], configuration["FunctionName"])
        credentials = role_variables(self._settings, self._region, *owner)
        return Worker(blueprint, folder, credentials, self._logs())

    def prepare_runtime(self, runtime: str) -> Path:
        """Return the folder of a runtime, which is made at its first use."""
        with self._lock:
            if runtime not in self._runtimes:
                folder = self._folder / "runtimes" / runtime
                self._runtimes[runtime] = make_runtime_site(folder, runtime)
            return self._runtimes[runtime]

    def _logs(self) -> LogWriter:
        with self._lock:
            if self._writer is None:
                self._writer = LogWriter(cloud.client("logs", self._settings, self._region))
            return self._writer
