"""A channel that is read several times: a file again and again, or a pipe for each pass."""

import time
from collections.abc import Iterator
from pathlib import Path

from newsgroup_classifier.channels.batches import (
    PIPE_SECONDS,
    Batch,
    LabelNames,
    read_batches,
)
from newsgroup_classifier.channels.texts import channel_file
from newsgroup_classifier.errors import DataError

_LOOK_SECONDS = 0.02


class ChannelPasses:
    """The passes over a channel, which must all find the same number of rows and labels.

    So a writer that dies between two rows, which nothing in the stream would show, is found out.
    """

    def __init__(self, folder: Path, file: str, piped: bool) -> None:
        self._folder, self._file, self._piped = folder, file, piped
        self.names = LabelNames()
        self.rows = 0  # of a pass
        self._passes = 0

    def batches(self) -> Iterator[Batch]:
        """Read the channel from its beginning."""
        path = self._source()
        rows, labels = 0, self.names.by_number if self._passes else ()
        for batch in read_batches(path, joined=self._piped):
            self.names.add(batch, path.name)
            if self._passes and self.names.by_number != labels:
                raise DataError(f"{path.name} has labels that the pass before it had not.")
            rows += len(batch.texts)
            yield batch
        if self._passes and rows != self.rows:
            raise DataError(
                f"{path.name} has {rows} rows, and had {self.rows} in the pass before. The channel "
                "was changed, or a stream of it broke off; train again."
            )
        self.rows = rows
        self._passes += 1

    def _source(self) -> Path:
        if not self._piped:
            return channel_file(self._folder, self._file)
        pipe = self._folder.with_name(f"{self._folder.name}_{self._passes}")
        deadline = time.monotonic() + PIPE_SECONDS
        while not pipe.exists():  # SageMaker makes it when the one before is done with
            if time.monotonic() >= deadline:
                raise DataError(f"the pipe {pipe} is missing after {PIPE_SECONDS:.0f} seconds.")
            time.sleep(_LOOK_SECONDS)
        return pipe
