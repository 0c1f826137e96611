"""Create and call functions of the local Lambda, for tests."""

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from local_aws.awslambda.execution.runtime_site import runtime_name
from local_aws.awslambda.execution.workers import architecture
from local_aws.testing import LocalAws
from local_aws.tests.account import Account, eventually, unique

ECHO = "def handler(event, context):\n    return event\n"
VERSION = "import os\ndef handler(event, context):\n    return {!r}\n"
RUNTIME = runtime_name()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of some files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zipped_version(text: str) -> bytes:
    """Return a zip of a function that returns a text."""
    return zipped({"app.py": VERSION.format(text)})


@dataclass(frozen=True)
class InvokeResponse:
    """The response of Invoke."""

    payload: Any
    error: str | None
    version: str
    log: str


class Lambdas:
    """A client of the local Lambda, with a role for functions."""

    def __init__(self, aws: LocalAws, account: Account) -> None:
        self.aws, self.account = aws, account
        self.client = aws.client("lambda")
        self.role = account.create_role("lambda.amazonaws.com")

    def request(self, source: str, **changes: Any) -> dict[str, Any]:
        """Return a request to create a function with one module, app.py."""
        return {
            "FunctionName": unique("function"),
            "Runtime": RUNTIME,
            "Architectures": [architecture()],
            "Role": self.role,
            "Handler": "app.handler",
            "Timeout": 60,  # a busy machine is slow
            "Code": {"ZipFile": zipped({"app.py": source})},
        } | changes

    def create(self, source: str = ECHO, **changes: Any) -> str:
        """Create a function and wait until it is Active; return its name."""
        name = str(self.client.create_function(**self.request(source, **changes))["FunctionName"])
        self.client.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 1200}
        )
        return name

    def wait_until_updated(self, name: str) -> dict[str, Any]:
        """Wait for the end of the last update; return the configuration."""

        def look() -> Any:
            configuration = self.client.get_function_configuration(FunctionName=name)
            return configuration if configuration["LastUpdateStatus"] != "InProgress" else None

        return dict(eventually(look))

    def invoke(self, name: str, event: Any = None, **options: Any) -> InvokeResponse:
        """Call a function and wait for its response."""
        response = self.client.invoke(
            FunctionName=name, Payload=json.dumps(event), LogType="Tail", **options
        )
        return InvokeResponse(
            json.loads(response["Payload"].read()),
            response.get("FunctionError"),
            response["ExecutedVersion"],
            base64.b64decode(response["LogResult"]).decode(),
        )

    def log(self, group: str, stream_prefix: str = "20") -> list[str]:
        """Return all lines in a log group so far; the names of its streams begin with the year."""
        groups = self.account.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        return self.account.log(group, stream_prefix) if groups else []

    def command_lines(self) -> list[list[str]]:
        """Return the command lines of all processes on the machine."""
        return [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]

    def processes(self, name: str) -> list[psutil.Process]:
        """Return the processes of a function."""
        return [
            process
            for process in psutil.Process(self.aws.pid).children(recursive=True)
            if _variable(process, "AWS_LAMBDA_FUNCTION_NAME") == name
        ]


def _variable(process: psutil.Process, name: str) -> str | None:
    try:
        return process.environ().get(name)
    except psutil.Error:
        return None


def report(log: str) -> dict[str, str]:
    """Return the parts of the REPORT line of a log."""
    (line,) = [line for line in log.splitlines() if line.startswith("REPORT ")]
    return dict(part.split(": ", 1) for part in line.split("\t") if ": " in part)
