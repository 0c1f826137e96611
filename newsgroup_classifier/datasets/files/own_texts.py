"""Turn a user's tables into the train and test channels of texts, in two passes.

The first pass counts and hashes, and the second writes, so memory does not grow with the texts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.channels.texts import channel_writer
from newsgroup_classifier.datasets.files import report as reports
from newsgroup_classifier.datasets.files.columns import Columns, Example
from newsgroup_classifier.datasets.files.report import Report
from newsgroup_classifier.datasets.files.scanning import EMPTY_HASH, KEPT, Scan, Scanner, joined
from newsgroup_classifier.datasets.files.tables import CLASS_FOLDERS, Table
from newsgroup_classifier.datasets.files.usual_names import shown, shown_list
from newsgroup_classifier.datasets.splits import draw_test_rows
from newsgroup_classifier.errors import DataError, counted

Progress = Callable[[Iterable[Example], str], Iterable[Example]]
_TRAIN, _TEST, _DROPPED = range(3)
_FEWEST = 2  # rows of a class: one to train on, and one to test with


def show_nothing(rows: Iterable[Example], doing: str) -> Iterable[Example]:
    """Show no progress."""
    return rows


@dataclass(frozen=True)
class OwnTexts:
    """Tables with their columns, the channel of each of their rows, and the report on them."""

    tables: tuple[Table, ...]
    columns: Columns
    sides: NDArray[np.uint8]  # of the rows of all tables
    names: tuple[str, ...]  # of the labels, by number
    report: Report

    def write(self, folder: Path, progress: Progress = show_nothing) -> dict[str, Path]:
        """Write train.csv and test.csv into a folder; return their paths by channel."""
        numbers = {name: number for number, name in enumerate(self.names)}
        paths = {name: folder / f"{name}.csv" for name in ("train", "test")}
        rows = (row for table in self.tables for row in self.columns.examples(table))
        with ExitStack() as stack:
            writers = [stack.enter_context(channel_writer(path)) for path in paths.values()]
            try:
                for side, (text, label, subject) in zip(
                    self.sides.tolist(), progress(rows, "Writing"), strict=True
                ):
                    if side != _DROPPED:
                        writers[side].writerow((text, subject, label, numbers[label]))
            except (ValueError, KeyError) as error:
                raise DataError(
                    f"{self.tables[0].name} changed while it was read; run the command again"
                ) from error
        return paths


def prepare_texts(
    table: Table,
    columns: Columns,
    test: Table | None = None,
    share: float = 0.2,
    progress: Progress = show_nothing,
) -> OwnTexts:
    """Return a table split into channels, with its report; raise DataError if it is not usable.

    Without `test`, about a `share` of each class is drawn to test with. `progress` wraps the rows
    while they are read.
    """
    scanner = Scanner()
    scan = scanner.scan(table, columns, progress(columns.examples(table), "Reading"))
    names = list(scanner.numbers)
    _check_classes(table, columns, scan, names, test is None)
    sides = [np.where(scan.status == KEPT, _TRAIN, _DROPPED)]
    scans = [scan]
    if test:
        scans.append(scanner.scan(test, columns, progress(columns.examples(test), "Reading")))
        _check_test(test, table, scans[1], list(scanner.numbers)[len(names) :])
        sides.append(np.where(scans[1].status == KEPT, _TEST, _DROPPED))
    else:
        sides[0][np.flatnonzero(sides[0] == _TRAIN)[_draw(scan, columns, share)]] = _TEST
    tables = (table, test) if test else (table,)
    every = np.concatenate(sides).astype(np.uint8)
    report = _report(table, columns, scanner.numbers, scans, every)
    return OwnTexts(tables, columns, every, tuple(sorted(names)), report)


def _check_classes(
    table: Table, columns: Columns, scan: Scan, names: Sequence[str], split: bool
) -> None:
    """Raise DataError unless there are two or more classes, with enough rows to split."""
    rows = np.bincount(scan.labels[scan.status == KEPT], minlength=len(names))
    place = f"{table.name}: column {shown(columns.label)}"
    if len(names) < 2 and table.form == CLASS_FOLDERS:
        actual = f"one subfolder, {shown(names[0])}" if names else "no subfolder"
        raise DataError(
            f"{table.name} has texts in {actual}; expected two or more subfolders, one per class. "
            "Files outside of them are ignored."
        )
    if len(names) < 2:
        actual = f"only one class, {shown(names[0])}" if names else "no label with a text"
        raise DataError(f"{place} has {actual}; expected two or more classes")
    rare = [names[number] for number in np.flatnonzero(rows < _FEWEST).tolist()]
    if rare and split:
        dropped = int((scan.status != KEPT).sum())
        left = f" after dropping {counted(dropped, 'empty or repeated row')}" if dropped else ""
        raise DataError(
            f"{place} has {counted(len(rare), 'class', 'classes')} with a single row{left}: "
            f"{shown_list(rare)}; expected {_FEWEST} or more rows of each "
            "class, to train and to test with. Add rows, merge or remove the class, or pass rows "
            "to test with as --test-file."
        )


def _check_test(test: Table, table: Table, scan: Scan, unknown: Sequence[str]) -> None:
    if not (scan.status == KEPT).any():
        raise DataError(
            f"{test.name} has no row with a text and a label; expected rows to test with"
        )
    if unknown:
        raise DataError(
            f"{test.name} has {counted(len(unknown), 'class', 'classes')} that {table.name} does "
            f"not have: {shown_list(unknown)}; expected only classes of the "
            "train rows"
        )


def _draw(scan: Scan, columns: Columns, share: float) -> NDArray[np.bool_]:
    """Return which of the kept rows are for testing; equal texts have the same side."""
    is_valid = scan.status == KEPT
    labels, groups = scan.labels[is_valid], scan.texts[is_valid]
    if columns.group:
        grouped = scan.groups[is_valid] != EMPTY_HASH
        groups = np.where(grouped, scan.groups[is_valid], groups)
    drawn = draw_test_rows(labels, groups, share)
    if not drawn.any():
        raise DataError(
            f"column {shown(str(columns.group))} has groups that are too large to test with a part "
            f"of them: a share of {share:g} of each class has room for none. Use another column, "
            "a larger --test-share, or --test-file."
        )
    return drawn


def _report(
    table: Table,
    columns: Columns,
    numbers: Mapping[str, int],
    scans: Sequence[Scan],
    sides: NDArray[np.uint8],
) -> Report:
    scan = joined(scans)
    is_part, train, test = (sides != _DROPPED), sides == _TRAIN, sides == _TEST
    by_class = (np.bincount(scan.labels[side], minlength=len(numbers)) for side in (train, test))
    report: Report = {
        "text": columns.text,
        "label": columns.label,
        "title": columns.title is not None,
        "grouped": columns.group is not None,
        "test_file": len(scans) > 1,
        "columns": asdict(columns),
        "unused": [name for name in table.columns if name not in columns.names],
        "form": table.form,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "rows": {"read": len(sides), "train": int(train.sum()), "test": int(test.sum())},
        "dropped": reports.count_dropped(scan.status),
        "classes": reports.count_classes(numbers, *by_class),
        "lengths": reports.measure_lengths(scan.lengths[is_part]),
        "scripts": reports.measure_scripts(scan.characters),
        "near_duplicates": reports.count_on_both_sides(scan, train, test),
        "contradictions": reports.find_contradictions(scans[0]),
    }
    return reports.with_warnings(report)
