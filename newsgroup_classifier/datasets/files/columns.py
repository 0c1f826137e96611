"""Find the columns of a user's table: those of the flags, or usual names, or the only two."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from newsgroup_classifier.datasets.files.tables import NUMBER, Table
from newsgroup_classifier.datasets.files.usual_names import LABELS, TEXT, TITLES, shown
from newsgroup_classifier.errors import DataError, counted, did_you_mean, nearest

_SAMPLE = 1000  # rows that tell unnamed columns apart
_SHOWN = 30  # columns in a message


class Example(NamedTuple):
    """A row: its text with the title on the first line, its label, and its group or title."""

    text: str
    label: str
    subject: str


@dataclass(frozen=True)
class Columns:
    """The names of the columns of texts and labels, and of titles and groups if there are any."""

    text: str
    label: str
    title: str | None = None
    group: str | None = None

    @property
    def names(self) -> list[str]:
        """The names that are set."""
        return [name for name in (self.text, self.label, self.title, self.group) if name]

    def examples(self, table: Table) -> Iterator[Example]:
        """Yield the rows of a table."""
        for text, label, *others in table.rows(self.names):
            subject = others[-1] if others else ""
            if self.title:
                title = " ".join(others[0].split())
                text = f"{title}\n{text}"
                subject = subject if self.group else title
            yield Example(text, label, subject)


def choose_columns(
    table: Table,
    text: str | None = None,
    label: str | None = None,
    title: str | None = None,
    group: str | None = None,
) -> Columns:
    """Return the columns: those that are named, and guesses for text and label if they are not.

    Raises DataError for a column that is missing, is named twice, or cannot be guessed.
    """
    flags = {"text": text, "label": label, "title": title, "group": group}
    named = {flag: name for flag, name in flags.items() if name}
    for flag, name in named.items():
        _check_column(table, flag, name)
        if same := [f"--{other}" for other in named if other != flag and named[other] == name]:
            raise DataError(
                f"column {shown(name)} is passed twice (--{flag}, {same[0]}); pass different ones"
            )
    free = [name for name in table.columns if name not in named.values()]
    text = text or _usual(free, TEXT, TITLES)
    label = label or _usual([name for name in free if name != text], LABELS)
    if len(table.columns) == 2 and not (title or group):
        text, label = _of_two(table, text, label)
    if not text or not label:
        raise _unknown(table, flags | {"text": text, "label": label}, named)
    return Columns(text, label, title, group)


def _unknown(table: Table, flags: Mapping[str, str | None], named: Mapping[str, str]) -> DataError:
    """Return the error about the columns of texts and labels that are neither named nor guessed."""
    missing = [flag for flag in ("text", "label") if not flags[flag]]
    known = [
        f"{shown(name)} {f'is --{flag}' if flag in named else f'has the {flag}s'}"
        for flag, name in flags.items()
        if name
    ]
    free = [name for name in table.columns if name not in flags.values()] or table.columns
    others = f" ({' and '.join(known)})" if known else ""
    several = len(missing) > 1
    choice = _described(table, free) or "none"
    return DataError(
        f"{table.name}: the column{'s' * several} of {' and '.join(f'{each}s' for each in missing)}"
        f" cannot be guessed from the names{others}; pass "
        f"{' and '.join(f'--{each}' for each in missing)} with "
        f"{'names' if several else 'one'} of these: {choice}{_unusable(table)}"
    )


def _check_column(table: Table, flag: str, name: str) -> None:
    if name in table.unusable:
        raise DataError(
            f"{table.name}: column {shown(name)} holds {table.unusable[name]} values; expected "
            "texts or numbers"
        )
    if name not in table.columns:
        near = nearest(name.lower(), {each.lower() for each in table.columns})
        match = next((each for each in table.columns if each.lower() == near), "")
        raise DataError(
            f"{table.name} has no column {shown(name)} (--{flag}){did_you_mean(match) or '.'} "
            f"Columns: {_described(table, table.columns)}"
        )


def _unusable(table: Table) -> str:
    """Return the columns that hold neither texts nor numbers, with their types."""
    parts = [f"{shown(name)} ({kind} values)" for name, kind in table.unusable.items()]
    return f". Not usable: {'; '.join(parts[:_SHOWN])}" if parts else ""


def _usual(names: Sequence[str], *usual: Sequence[str]) -> str | None:
    """Return the only one of some names among the first usual names that have any."""
    for each in usual:
        if matches := [name for name in names if name.strip().lower() in each]:
            return matches[0] if len(matches) == 1 else None
    return None


def _of_two(table: Table, text: str | None, label: str | None) -> tuple[str, str]:
    """Return the columns of a table with two: labels have fewer different values."""
    first, second = table.columns
    if not text and not label:
        one, two = (set(column) for column in _sample(table, table.columns))
        fewer = (len(one), sum(map(len, one))) <= (len(two), sum(map(len, two)))
        label = first if fewer else second
    other = {first: second, second: first}
    return text or other[str(label)], label or other[str(text)]


def _sample(table: Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    rows = list(islice(table.rows(names), _SAMPLE))
    return list(zip(*rows, strict=True)) or [()] * len(names)


def _described(table: Table, names: Sequence[str]) -> str:
    """Return each of some columns with what it holds: types and lengths, but no value."""
    parts = []
    for name, values in zip(names[:_SHOWN], _sample(table, names), strict=False):
        filled = [value for value in values if value]
        kind = counted(len(set(filled)), "different value")
        if not filled:
            parts.append(f"{shown(name)} (empty)")
            continue
        if all(map(NUMBER.fullmatch, filled)):
            kind += ", numbers"
        shortest, longest = min(map(len, filled)), max(map(len, filled))
        lengths = counted(longest, "character")
        if shortest < longest:
            lengths = f"{shortest:,} to {lengths}"
        parts.append(f"{shown(name)} ({kind}, {lengths})")
    more = len(names) - _SHOWN
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")
