"""Read posts of Reddit from a CSV file or from a SQLite database, raw or wrangled already.

A raw post has a title and, often, a text; the database keeps it in the table `submission_table`.
"""

import csv
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsgroup_classifier.datasets.sources.published_text import csv_rows, read_text
from newsgroup_classifier.errors import DataError, DataErrorFactory
from newsgroup_classifier.text.posts import join_post

TABLE = "submission_table"
COLUMNS = ("subreddit_name", "subreddit_id", "title", "text")
WRANGLED_COLUMNS = ("text", "subreddit")
_NUMBERED = (*WRANGLED_COLUMNS, "row")  # as the tutorial's author numbered them
_DATABASES = (".db", ".sqlite", ".sqlite3")
_SHOWN_TABLES = 10
_NO_TEXTS = ("nan", "none", "null")  # what programs write for a text that is missing


@dataclass(frozen=True)
class Post:
    """A post: where it was posted, its title ("" if it is wrangled), and title and text joined."""

    subreddit: str
    title: str
    text: str


def read_posts(path: Path) -> tuple[list[Post], bool]:
    """Return the posts of a file, and whether they are wrangled; raise DataError if broken."""

    def broken(reason: str) -> DataError:
        return DataError(f"{path} is no file of posts: {reason}.")

    if path.suffix in _DATABASES:
        return _raw_posts(_database_rows(path, broken), broken), False
    text = read_text(path, broken)
    header = tuple(next(csv.reader([text.partition("\n")[0].rstrip("\r")]), []))
    if header in (WRANGLED_COLUMNS, _NUMBERED):
        return _wrangled_posts(csv_rows(text, header, broken), broken), True
    if header and header != COLUMNS:
        raise broken(
            f"its columns are {', '.join(header)[:80]}; expected {', '.join(COLUMNS)} of raw "
            f"posts, or {', '.join(WRANGLED_COLUMNS)} of wrangled ones"
        )
    return _raw_posts(csv_rows(text, COLUMNS, broken), broken), False


def _database_rows(path: Path, broken: DataErrorFactory) -> list[Sequence[Any]]:
    """Return the rows of the table, which is opened for reading alone."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = [row[1] for row in database.execute(f"PRAGMA table_info({TABLE})")]
            if not found:
                raise broken(_no_table(database))
            _check_table(found, broken)
            database.text_factory = bytes  # SQLite's own error names no row, and quotes the text
            rows = database.execute(f"SELECT {', '.join(COLUMNS)} FROM {TABLE}")  # noqa: S608
            return [_decoded(row, number, broken) for number, row in enumerate(rows, start=1)]
    except sqlite3.Error as error:
        raise broken(f"it cannot be read as a SQLite database ({error})") from error


def _decoded(row: Sequence[Any], number: int, broken: DataErrorFactory) -> list[Any]:
    """Return the values of a row, texts from their UTF-8."""
    values = []
    for column, value in zip(COLUMNS, row, strict=True):
        try:
            values.append(value.decode("utf-8") if isinstance(value, bytes) else value)
        except UnicodeDecodeError as error:
            raise broken(
                f"row {number} has byte 0x{value[error.start]:02x} at place {error.start} of "
                f"{column}, which is not UTF-8"
            ) from error
    return values


def _no_table(database: sqlite3.Connection) -> str:
    """Return what is said of a database without the table: which ones it has."""
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    names = [str(name) for (name,) in database.execute(query)]
    shown = ", ".join(names[:_SHOWN_TABLES]) + (", ..." if len(names) > _SHOWN_TABLES else "")
    return (
        f"the database has no table {TABLE}; it has {shown or 'no table at all'}; expected one "
        f"with {', '.join(COLUMNS)}"
    )


def _check_table(found: list[str], broken: DataErrorFactory) -> None:
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise broken(
            f"its table {TABLE} has no column {', '.join(missing)}; it has {', '.join(found)}; "
            f"expected {', '.join(COLUMNS)}"
        )


def _raw_posts(rows: Sequence[Sequence[Any]], broken: DataErrorFactory) -> list[Post]:
    if not rows:
        raise broken("it has no post; expected a row for each")
    posts = []
    for number, row in enumerate(rows, start=1):
        for column, value in zip(COLUMNS, row, strict=True):
            if not isinstance(value, str):
                kind = "NULL" if value is None else f"a {type(value).__name__}"
                raise broken(
                    f"row {number} has {kind} as {column}; expected a text, which may be empty if "
                    f"it is the post's{_remedy(column) if value is None else ''}"
                )
        name, _, title, text = row
        if not name.strip():
            raise broken(f"row {number} has an empty subreddit_name; expected a name")
        if not (title + text).strip():
            raise broken(f"row {number} has neither title nor text; expected one of them")
        if text.strip().lower() in _NO_TEXTS:
            raise broken(
                f"row {number} has the text {text!r}; expected the words of a post, or '' for one "
                "without"
            )
        posts.append(Post(name.strip(), title.strip(), join_post(title, text)))
    return posts


def _remedy(column: str) -> str:
    """Return what to do about a NULL; nothing stands for a missing subreddit."""
    if column == "subreddit_name":
        return ""
    return f". Mend it by: UPDATE {TABLE} SET {column} = '' WHERE {column} IS NULL"  # noqa: S608 - it is shown


def _wrangled_posts(rows: list[list[str]], broken: DataErrorFactory) -> list[Post]:
    posts = []
    for number, (text, name, *_) in enumerate(rows, start=1):
        if not text.strip() or text.strip().lower() in _NO_TEXTS:
            raise broken(f"row {number} has the text {text!r}; expected the words of a post")
        if not name.strip():
            raise broken(f"row {number} has an empty subreddit; expected a name")
        posts.append(Post(name.strip(), "", text))
    return posts
