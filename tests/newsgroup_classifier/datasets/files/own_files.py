"""Small files of a user, and their way into channels."""

import csv
import random
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
WORDS = {
    "german": (
        " ",
        {
            "Abrechnung": ("Rechnung", "Überweisung", "Mahnung", "Gutschrift"),
            "007": ("Drucker", "Bildschirm", "Störung", "Laufwerk"),
            "true": ("Urlaub", "Kündigung", "Gehalt", "Schulung"),
        },
        ("und", "der", "nicht", "für", "bitte", "seit", "gestern", "ich"),
    ),
    "japanese": (
        "",
        {
            "経理": ("請求書", "支払い", "金額", "口座"),
            "故障": ("画面", "印刷機", "通信", "電源"),
            "人事": ("休暇", "契約", "給料", "研修"),
        },
        ("は", "が", "を", "に", "です", "昨日", "から", "お願い"),
    ),
}


def written_in(language, count=210):
    """Return texts in a language, of two words of their class and common ones, and labels."""
    space, classes, common = WORDS[language]
    rng = random.Random(0)  # noqa: S311 (not for security)
    rows = []
    for number in range(count):
        label = list(classes)[number % len(classes)]
        words = rng.choices(classes[label], k=2) + rng.choices(common, k=rng.randint(3, 7))
        rng.shuffle(words)
        rows.append((space.join(words), label))
    return rows


def write_csv(
    path: Path, rows=TICKETS, header=("body", "queue"), delimiter=",", encoding="utf-8", first=""
):
    """Write a CSV file with a header, unless it is None, after a first line; return its path."""
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(first)
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
