"""The data that tests run on: the real data sets of DATASETS_DIR, or generated samples."""

import os
from dataclasses import dataclass

from newsgroup_classifier.datasets.catalogue import AnyDataset, generate_dataset, load_dataset

SAMPLE = ("--generated-sample",)


@dataclass(frozen=True)
class DataSource:
    """The source of data for tests that run on either real data or generated samples."""

    real: bool

    @property
    def upload_flags(self) -> tuple[str, ...]:
        """The flags that make `upload_data` use this data."""
        return () if self.real else SAMPLE

    def load(self, name: str) -> AnyDataset:
        """Return a data set of the catalogue, or its generated sample."""
        return load_dataset(name) if self.real else generate_dataset(name)


def data_source_here() -> DataSource:
    """Return the source that the environment selects."""
    return DataSource(real=bool(os.environ.get("DATASETS_DIR")))
