"""Show the log of a training job while the job runs."""

import re
from typing import Any

from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.log_groups import log_pages
from scripts.account.messages import message_of

_GROUP = "/aws/sagemaker/TrainingJobs"
_BEFORE_PROGRAM = "Invoking script with the following command"
_LAUNCHERS = ("sagemaker-training-toolkit", "sagemaker_tensorflow_container.")
# TensorFlow prints these at any TF_CPP_MIN_LOG_LEVEL. Warnings and errors begin with W and E.
_NOISE = re.compile(
    r"WARNING: All log messages before absl::InitializeLog\(\)"
    r"|I[0-9]{4} [0-9:.]+ +[0-9]+ \S+:[0-9]+\]"
)
_LAUNCHER, _NEXT_IS_COMMAND, _PROGRAM = "launcher", "next is command", "program"


class JobLog:
    """Shows new lines, without the noise of the launcher and of TensorFlow.

    Each line ends with the mark, which identifies figures of a generated sample. A job of several
    instances has one log stream per instance, whose lines begin with the host.
    """

    def __init__(self, aws: Aws, job: str, mark: str, instances: int = 1) -> None:
        self._client: Any = aws.client("logs")
        self._job, self._mark, self._instances = job, mark, instances
        self._streams: dict[str, _Stream] = {}
        self._failed = False

    def show_new_lines(self) -> None:
        """Print the lines that the program wrote since the last call, or the first error."""
        from botocore.exceptions import BotoCoreError  # not needed for --help

        try:
            self._find_streams()
            for stream in self._streams.values():
                stream.show_pages()
        except (BotoCoreError, self._client.exceptions.ClientError) as error:
            if not self._failed:
                say(f"The job's log cannot be shown: {message_of(error)}")
            self._failed = True

    def _find_streams(self) -> None:
        """Find the log streams, until every instance has one."""
        if len(self._streams) == self._instances:
            return
        missing = self._client.exceptions.ResourceNotFoundException
        try:
            streams = self._client.describe_log_streams(
                logGroupName=_GROUP, logStreamNamePrefix=f"{self._job}/"
            )["logStreams"]
        except missing:  # no job has written a line yet
            return
        for name in [stream["logStreamName"] for stream in streams][: self._instances]:
            if name not in self._streams:
                host = name.rpartition("/")[2].rpartition("-")[0]  # of JOB/HOST-TIME
                prefix = f"  {host}: " if self._instances > 1 else "  "
                self._streams[name] = _Stream(self._client, name, prefix, self._mark)


class _Stream:
    """The log of one instance, and the position up to which it was read."""

    def __init__(self, client: Any, name: str, prefix: str, mark: str) -> None:
        self._client, self._name, self._prefix, self._mark = client, name, prefix, mark
        self._token = ""
        self._state = _LAUNCHER

    def show_pages(self) -> None:
        """Print the lines of all available pages."""
        for page in log_pages(self._client, _GROUP, self._name, self._token):
            self._token = page["nextForwardToken"]
            for event in page["events"]:
                self._show(event["message"])

    def _show(self, line: str) -> None:
        """Print a line if it is the program's, whose lines are between two of the launcher's."""
        if line.startswith(_BEFORE_PROGRAM):
            self._state = _NEXT_IS_COMMAND
        elif self._state == _NEXT_IS_COMMAND:
            self._state = _PROGRAM
        elif any(name in line for name in _LAUNCHERS):
            self._state = _LAUNCHER if "Reporting training" in line else self._state
        elif self._state == _PROGRAM and not _NOISE.match(line):
            say(f"{self._prefix}{line}{self._mark}")
