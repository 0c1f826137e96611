"""The first pass over a user's rows: what the split and the report need, in numbers.

No text is kept, so the memory depends on the number of rows, and not on their lengths.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.datasets.files.columns import Columns, Example
from newsgroup_classifier.datasets.files.near_duplicates import Keys, Signatures, signatures_of
from newsgroup_classifier.datasets.files.tables import LONGEST, NUMBER, Table
from newsgroup_classifier.datasets.files.usual_names import shown
from newsgroup_classifier.errors import DataError, counted
from newsgroup_classifier.text.visible import is_blank

MAX_CLASSES = 10_000
KEPT, EMPTY, NO_LABEL, DUPLICATE = range(4)
_BATCH_ROWS, _BATCH_CHARACTERS = 4000, 2**20
_LONGEST_LABEL = 200  # characters
_FREE_TEXT = 20  # different labels, from which half as many as rows look like free text
_CODES = 0x110000  # of characters


@dataclass(frozen=True)
class Scan:
    """What is known of n rows, as arrays of length n, and of all kept texts together.

    `status` is KEPT or why a row is dropped, `labels` are numbers of labels, and `texts` and
    `groups` are hashes. `characters` has the number of times that each character occurs, by code.
    """

    characters: NDArray[np.int64]
    status: NDArray[np.uint8]
    labels: NDArray[np.int32]
    texts: NDArray[np.uint64]
    groups: NDArray[np.uint64]
    lengths: NDArray[np.uint32]
    signatures: Signatures
    keys: Keys


def joined(scans: Sequence[Scan]) -> Scan:
    """Return the scans of several tables as one."""
    characters, *arrays = zip(*(vars(scan).values() for scan in scans), strict=True)
    return Scan(sum(characters), *map(np.concatenate, arrays))


class Scanner:
    """Scans the rows of tables; a label has the same number in all of them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def scan(self, table: Table, columns: Columns, rows: Iterable[Example]) -> Scan:
        """Return the scan of a table's rows; raise DataError for data that is not valid.

        Of equal texts with one label, all but the first are dropped, but only in the first table:
        a published test set stays as it is.
        """
        first = not self.numbers
        self._table, self._columns, self._count = table, columns, 0
        characters, only_numbers = np.zeros(_CODES, dtype=np.int64), True
        batches = []
        for batch in _batches(rows):
            texts = [each.text for each in batch]
            only_numbers = only_numbers and all(map(NUMBER.fullmatch, filter(None, texts)))
            batches.append(self._arrays(batch, texts))
            codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
            characters += np.bincount(codes, minlength=_CODES)
            self._count += len(batch)
        if not batches:
            raise DataError(f"{table.name} has no rows; expected rows with texts and labels")
        if only_numbers:
            held = "no text but numbers" if characters.any() else "no text at all"
            raise DataError(
                f"{table.name}: column {shown(columns.text)} holds {held}; pass another column "
                "with --text"
            )
        arrays = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
        if first:
            _drop_duplicates(*arrays[:3])
            if len(self.numbers) > max(_FREE_TEXT, (arrays[0] == KEPT).sum() / 2):
                raise self._free_text()
        return Scan(characters, *arrays)

    def _arrays(self, batch: Sequence[Example], texts: Sequence[str]) -> list[NDArray[Any]]:
        status = np.full(len(batch), KEPT, dtype=np.uint8)
        labels = np.full(len(batch), -1, dtype=np.int32)
        for place, (text, label, _) in enumerate(batch):
            if is_blank(label):
                status[place] = NO_LABEL
            elif is_blank(text):
                status[place] = EMPTY
            else:
                labels[place] = self._number_of(label, place)
                if len(text) > LONGEST:
                    raise DataError(
                        f"{self._table.name}: row {self._count + place + 1} has a text of "
                        f"{len(text):,} characters; expected at most {LONGEST:,}. Shorten it."
                    )
        return [
            status,
            labels,
            _hashes(texts),
            _hashes(each.subject.strip() for each in batch),
            np.array(list(map(len, texts)), dtype=np.uint32),
            *signatures_of(texts),
        ]

    def _number_of(self, label: str, place: int) -> int:
        number = self.numbers.setdefault(label, len(self.numbers))
        if number == MAX_CLASSES and 2 * number <= self._count + place:
            raise DataError(
                f"{self._table.name}: column {shown(self._columns.label)} has more than "
                f"{MAX_CLASSES:,} classes; expected at most {MAX_CLASSES:,}. Merge rare classes."
            )
        if number == MAX_CLASSES or len(label) > _LONGEST_LABEL:
            raise self._free_text()
        return number

    def _free_text(self) -> DataError:
        return DataError(
            f"{self._table.name}: column {shown(self._columns.label)} looks like free text, not "
            f"like labels: it has {counted(len(self.numbers), 'different value')}, of up to "
            f"{max(map(len, self.numbers)):,} characters. Pass another column with --label."
        )


def _hashes(texts: Iterable[str]) -> NDArray[np.uint64]:
    digests = (blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


EMPTY_HASH = _hashes([""])[0]


def _batches(rows: Iterable[Example]) -> Iterator[list[Example]]:
    """Yield rows in batches of limited length."""
    batch: list[Example] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.text)
        if len(batch) == _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _drop_duplicates(
    status: NDArray[np.uint8], labels: NDArray[np.int32], texts: NDArray[np.uint64]
) -> None:
    """Mark kept rows with the text and label of an earlier one."""
    numbers = np.flatnonzero(status == KEPT)
    keys = texts[numbers] ^ (labels[numbers].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    first = np.unique(keys, return_index=True)[1]
    status[np.delete(numbers, first)] = DUPLICATE
