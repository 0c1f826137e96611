"""Tables of named records, stored as they were requested."""

import copy
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from local_aws.errors import ServiceError

Record = dict[str, Any]


def now() -> datetime:
    """Return the current time in UTC, the time zone of AWS."""
    return datetime.now(UTC)


def moment() -> str:
    """Return the current time with milliseconds and without a colon in its offset."""
    return now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


class Table:
    """Records of one kind by name. Every read returns a copy; every write holds the lock."""

    def __init__(
        self, taken: Callable[[str], ServiceError], missing: Callable[[str], ServiceError]
    ) -> None:
        self._records: dict[str, Record] = {}
        self._lock = threading.RLock()
        self._taken = taken
        self._missing = missing

    def add(self, name: str, record: Record) -> None:
        """Store a new record; raise the kind's own error if the name is taken."""
        with self._lock:
            if name in self._records:
                raise self._taken(name)
            self._records[name] = copy.deepcopy(record)

    def get(self, name: str) -> Record:
        """Return a copy of a record; raise the kind's own error if it does not exist."""
        with self._lock:
            if name not in self._records:
                raise self._missing(name)
            return copy.deepcopy(self._records[name])

    def update(self, name: str, **fields: Any) -> None:
        """Change fields of a record (None removes one) and its LastModifiedTime."""
        with self._lock:
            if name not in self._records:
                raise self._missing(name)
            changed = self._records[name] | copy.deepcopy(fields) | {"LastModifiedTime": now()}
            self._records[name] = {
                key: value for key, value in changed.items() if value is not None
            }

    def remove(self, name: str) -> Record:
        """Remove a record and return it."""
        with self._lock:
            if name not in self._records:
                raise self._missing(name)
            return self._records.pop(name)

    def content(self) -> dict[str, Record]:
        """Return a copy of all records by name."""
        with self._lock:
            return copy.deepcopy(self._records)

    def __contains__(self, name: str) -> bool:
        """Return whether a record has that name."""
        with self._lock:
            return name in self._records

    def __iter__(self) -> Iterator[Record]:
        """Iterate over copies of all records, oldest first."""
        with self._lock:
            records = copy.deepcopy(list(self._records.values()))
        return iter(records)
