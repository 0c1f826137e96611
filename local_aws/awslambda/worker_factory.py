"""Make the workers of a region's functions, with their runtime, credentials, and logs."""

import os
import threading
import uuid
from pathlib import Path

from local_aws import cloud
from local_aws.awslambda.code import Code
from local_aws.awslambda.execution.environment import Program
from local_aws.awslambda.execution.runtime_site import find_python, make_runtime_site
from local_aws.awslambda.execution.workers import Worker
from local_aws.awslambda.records import Configuration
from local_aws.logs import LogStream
from local_aws.processes import namespaces_are_used
from local_aws.records import now
from local_aws.settings import Settings

_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_MIN_SESSION_NAME = 2


class WorkerFactory:
    """Makes workers that share one runtime."""

    def __init__(self, region: str, settings: Settings, folder: Path) -> None:
        self._region, self._settings, self._folder = region, settings, folder
        self._lock = threading.Lock()
        self._runtimes: dict[str, Path] = {}

    def make(self, configuration: Configuration, code: Code) -> Worker:
        """Return a new worker of a version whose code is unpacked."""
        folder, runtime = self._folder / "environments" / uuid.uuid4().hex, configuration["Runtime"]
        stream = f"{now():%Y/%m/%d}/[{configuration['Version']}]{uuid.uuid4().hex}"
        log = LogStream(self._region, configuration["LoggingConfig"]["LogGroup"], stream)
        # boto3 would read the user's ~/.aws without a HOME of its own.
        variables = {"HOME": str(folder / "tmp")} | self._variables(configuration, code, log)
        program = Program(
            code.folder,
            configuration["Handler"],
            self.prepare_runtime(runtime),
            variables,
            configuration["MemorySize"],
            configuration["Timeout"],
            has_own_tmp=namespaces_are_used(self._settings),
            python=find_python(runtime),
        )
        return Worker(configuration, program, folder, log)

    def _variables(
        self, configuration: Configuration, code: Code, log: LogStream
    ) -> dict[str, str]:
        """Return the variables of a process as on AWS, without those of this computer.

        AWS names the session of the function's role after the function; the local IAM enforces the
        role's policies.
        """
        session = configuration["FunctionName"].ljust(_MIN_SESSION_NAME, "-")
        keys = cloud.role_keys(self._settings, self._region, configuration["Role"], session)
        variables = {
            "AWS_ENDPOINT_URL": self._settings.endpoint_url,
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            **dict(zip(_CREDENTIALS, keys, strict=True)),
            "PATH": os.defpath,
            "LD_LIBRARY_PATH": f"{code.folder}{os.pathsep}{code.folder / 'lib'}",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            **configuration.get("Environment", {}).get("Variables", {}),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_FUNCTION_VERSION": configuration["Version"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": log.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log.stream,
        }
        logging = configuration["LoggingConfig"]
        if logging["LogFormat"] == "JSON":
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            variables["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
        return variables

    def prepare_runtime(self, runtime: str) -> Path:
        """Return the folder of a runtime, which is made at its first use."""
        with self._lock:
            if runtime not in self._runtimes:
                folder = self._folder / "runtimes" / runtime
                self._runtimes[runtime] = make_runtime_site(folder, runtime)
            return self._runtimes[runtime]
