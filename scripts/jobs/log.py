"""Show the log of a training job while it runs."""

import re
from typing import Any

from scripts.account.aws import Aws
from scripts.account.command import say

_GROUP = "/aws/sagemaker/TrainingJobs"
_BEFORE_PROGRAM = "Invoking script with the following command"
_LAUNCHERS = ("sagemaker-training-toolkit", "sagemaker_tensorflow_container.")
# What TensorFlow says whatever TF_CPP_MIN_LOG_LEVEL is; its warnings and errors begin with W and E.
_CHATTER = re.compile(
    r"WARNING: All log messages before absl::InitializeLog\(\)"
    r"|I[0-9]{4} [0-9:.]+ +[0-9]+ \S+:[0-9]+\]"
)
_LAUNCHER, _NEXT_IS_COMMAND, _PROGRAM = "launcher", "next is command", "program"


class JobLog:
    """Reads the lines that were not shown yet; the launcher's and TensorFlow's chatter is left out.

    Each line ends with the mark, which tells figures of a generated sample from real ones. A job
    of several instances has a log stream for each, and their lines begin with their hosts.
    """

    def __init__(self, aws: Aws, job: str, mark: str, instances: int = 1) -> None:
        self._client: Any = aws.client("logs")
        self._job, self._mark, self._instances = job, mark, instances
        self._streams: dict[str, _Stream] = {}
        self._failed = False

    def show_new_lines(self) -> None:
        """Print what the program wrote since the last call.

        The job does not depend on its log being shown: an error is said once, and that is all.
        """
        if self._failed:
            return
        try:
            self._find_streams()
            for stream in self._streams.values():
                stream.show_pages()
        except self._client.exceptions.ClientError as error:
            self._failed = True
            say(f"The job's log cannot be shown: {error.response['Error']['Message']}")

    def _find_streams(self) -> None:
        """Look for streams until every instance has one."""
        if len(self._streams) == self._instances:
            return
        missing = self._client.exceptions.ResourceNotFoundException
        try:
            found = self._client.describe_log_streams(
                logGroupName=_GROUP, logStreamNamePrefix=f"{self._job}/"
            )["logStreams"]
        except missing:  # no job has written a line yet
            return
        for name in [stream["logStreamName"] for stream in found][: self._instances]:
            if name not in self._streams:
                self._streams[name] = _Stream(self._client, name, self._front(name), self._mark)

    def _front(self, stream: str) -> str:
        """Return what the lines of a stream begin with: JOB/HOST-TIME is its name."""
        host = stream.rpartition("/")[2].rpartition("-")[0]
        return f"  {host}: " if self._instances > 1 else "  "


class _Stream:
    """The log of one instance, and how far it was read."""

    def __init__(self, client: Any, name: str, front: str, mark: str) -> None:
        self._client, self._name, self._front, self._mark = client, name, front, mark
        self._token: str | None = None
        self._state = _LAUNCHER

    def show_pages(self) -> None:
        """Print the lines of every page that is there."""
        while True:
            token = {"nextToken": self._token} if self._token else {}
            page = self._client.get_log_events(
                logGroupName=_GROUP, logStreamName=self._name, startFromHead=True, **token
            )
            for event in page["events"]:
                self._show(event["message"])
            # Pages can be empty in the middle; only a token that stays is the end.
            before, self._token = self._token, page["nextForwardToken"]
            if self._token == before:
                return

    def _show(self, line: str) -> None:
        """Print a line of the program itself, which comes between two lines of the launcher."""
        if line.startswith(_BEFORE_PROGRAM):
            self._state = _NEXT_IS_COMMAND
        elif self._state == _NEXT_IS_COMMAND:
            self._state = _PROGRAM
        elif any(name in line for name in _LAUNCHERS):
            self._state = _LAUNCHER if "Reporting training" in line else self._state
        elif self._state == _PROGRAM and not _CHATTER.match(line):
            say(f"{self._front}{line}{self._mark}")
