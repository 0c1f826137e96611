"""Show the log of a training job while it runs."""

from typing import Any

from scripts.aws import Aws
from scripts.command import say

_GROUP = "/aws/sagemaker/TrainingJobs"
_BEFORE_PROGRAM = "Invoking script with the following command"
_LAUNCHER, _NEXT_IS_COMMAND, _PROGRAM = "launcher", "next is command", "program"


class JobLog:
    """Reads the lines that were not shown yet; the launcher's own chatter is left out.

    Each line ends with the mark, which tells figures of a generated sample from real ones.
    """

    def __init__(self, aws: Aws, job: str, mark: str) -> None:
        self._client: Any = aws.client("logs")
        self._job = job
        self._mark = mark
        self._stream: str | None = None
        self._token: str | None = None
        self._state = _LAUNCHER
        self._failed = False

    def show_new_lines(self) -> None:
        """Print what the program wrote since the last call.

        The job does not depend on its log being shown: an error is said once, and that is all.
        """
        if self._failed:
            return
        try:
            self._show_pages()
        except self._client.exceptions.ClientError as error:
            self._failed = True
            say(f"The job's log cannot be shown: {error.response['Error']['Message']}")

    def _show_pages(self) -> None:
        stream = self._find_stream()
        while stream is not None:
            token = {"nextToken": self._token} if self._token else {}
            page = self._client.get_log_events(
                logGroupName=_GROUP, logStreamName=stream, startFromHead=True, **token
            )
            for event in page["events"]:
                self._show(event["message"])
            # Pages can be empty in the middle; only a token that stays is the end.
            before, self._token = self._token, page["nextForwardToken"]
            if self._token == before:
                return

    def _find_stream(self) -> str | None:
        if self._stream is None:
            missing = self._client.exceptions.ResourceNotFoundException
            try:
                found = self._client.describe_log_streams(
                    logGroupName=_GROUP, logStreamNamePrefix=f"{self._job}/"
                )["logStreams"]
            except missing:  # no job has written a line yet
                return None
            self._stream = found[0]["logStreamName"] if found else None
        return self._stream

    def _show(self, line: str) -> None:
        """Print a line of the program itself, which comes between two lines of the launcher."""
        if line.startswith(_BEFORE_PROGRAM):
            self._state = _NEXT_IS_COMMAND
        elif self._state == _NEXT_IS_COMMAND:
            self._state = _PROGRAM
        elif "sagemaker-training-toolkit" in line:
            self._state = _LAUNCHER if "Reporting training" in line else self._state
        elif self._state == _PROGRAM:
            say(f"  {line}{self._mark}")
