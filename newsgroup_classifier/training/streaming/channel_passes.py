"""Read a channel several times, from the same file or from one pipe per pass."""

import time
from collections.abc import Iterator
from pathlib import Path

from newsgroup_classifier.channels.batches import PIPE_SECONDS, Batch, LabelNames, read_batches
from newsgroup_classifier.channels.texts import channel_file
from newsgroup_classifier.errors import DataError

_POLL_SECONDS = 0.02


class ChannelPasses:
    """The passes over a channel, which must all have the same labels and number of rows.

    This detects a writer that ended between two rows, which the stream does not show.
    """

    def __init__(self, folder: Path, file: str, piped: bool) -> None:
        self._folder, self._file, self._piped = folder, file, piped
        self.names = LabelNames()
        self.rows = 0  # per pass
        self._passes = 0

    def batches(self) -> Iterator[Batch]:
        """Read the channel from the start."""
        path = self._source()
        rows, labels = 0, self.names.by_number if self._passes else ()
        for batch in read_batches(path, joined=self._piped):
            self.names.add(batch, path.name)
            if self._passes and self.names.by_number != labels:
                raise DataError(f"{path.name} has labels that were not in the previous pass.")
            rows += len(batch.texts)
            yield batch
        if self._passes and rows != self.rows:
            raise DataError(
                f"{path.name} has {rows} rows, but the previous pass had {self.rows}. The channel "
                "was changed, or a stream was interrupted. Train again."
            )
        self.rows = rows
        self._passes += 1

    def _source(self) -> Path:
        if not self._piped:
            return channel_file(self._folder, self._file)
        pipe = self._folder.with_name(f"{self._folder.name}_{self._passes}")
        deadline = time.monotonic() + PIPE_SECONDS
        while not pipe.exists():  # SageMaker creates it after the previous pass
            if time.monotonic() >= deadline:
                raise DataError(f"the pipe {pipe} did not appear in {PIPE_SECONDS:.0f} seconds.")
            time.sleep(_POLL_SECONDS)
        return pipe
