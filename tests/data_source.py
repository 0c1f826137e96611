"""The data that DATASETS_DIR decides on: real data sets, or generated samples without it."""

import os
from dataclasses import dataclass

from newsgroup_classifier.datasets.catalogue import AnyDataset, generate_dataset, load_dataset

SAMPLE = ("--generated-sample",)


@dataclass(frozen=True)
class DataSource:
    """Where tests that run on either data take it from."""

    real: bool

    @property
    def upload_flags(self) -> tuple[str, ...]:
        """The flags of `upload_data` for this data."""
        return () if self.real else SAMPLE

    def load(self, name: str) -> AnyDataset:
        """Return a data set of the catalogue, or its generated sample."""
        return load_dataset(name) if self.real else generate_dataset(name)


def data_source_here() -> DataSource:
    """Return the source that the environment names."""
    return DataSource(real=bool(os.environ.get("DATASETS_DIR")))
