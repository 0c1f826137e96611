"""Small files of a user, and their way into channels."""

import csv
from pathlib import Path

from newsgroup_classifier.channels.texts import Channel, read_channel
from newsgroup_classifier.datasets.files.columns import choose_columns
from newsgroup_classifier.datasets.files.own_texts import OwnTexts, prepare_texts
from newsgroup_classifier.datasets.files.tables import open_table

TICKETS = [
    (f"{word} number {number} does not work", queue)
    for number in range(5)
    for word, queue in (("printer", "hardware"), ("invoice", "billing"), ("login", "accounts"))
]


def write_csv(path: Path, rows=TICKETS, header=("body", "queue"), delimiter=",", encoding="utf-8"):
    """Write a CSV file with a header, unless it is None; return its path."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows(rows if header is None else [header, *rows])
    return path


def prepare(path: Path, encoding=None, test=None, share=0.2, **flags: str) -> OwnTexts:
    """Return a file split into channels."""
    table = open_table(path, encoding, list(flags.values()))
    columns = choose_columns(table, **flags)
    return prepare_texts(table, columns, test and open_table(test, encoding), share)


def channels(own: OwnTexts, folder: Path) -> tuple[Channel, Channel]:
    """Return the written train and test channels."""
    paths = own.write(folder)
    return read_channel(paths["train"]), read_channel(paths["test"])


def rows_of(own: OwnTexts, folder: Path) -> set[tuple[str, str]]:
    """Return the text and label name of each row of both channels."""
    return {
        (text, channel.label_names[label])
        for channel in channels(own, folder)
        for text, label in zip(channel.texts, channel.labels, strict=True)
    }
