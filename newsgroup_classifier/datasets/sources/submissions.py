"""Read Reddit posts from a CSV file (raw or already wrangled) or from a SQLite database (raw).

A raw post has a title and usually a text. The database keeps posts in the table `submission_table`.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsgroup_classifier.datasets.files.tables import open_table
from newsgroup_classifier.errors import DataError, DataErrorFactory, name_list
from newsgroup_classifier.text.posts import join_post
from newsgroup_classifier.text.visible import is_blank

TABLE = "submission_table"
COLUMNS = ("subreddit_name", "subreddit_id", "title", "text")
WRANGLED_COLUMNS = ("text", "subreddit")
_NUMBERED = (*WRANGLED_COLUMNS, "row")  # the format of the tutorial's own file
_DATABASES = (".db", ".sqlite", ".sqlite3")
_MISSING_TEXTS = ("nan", "none", "null")  # what programs write for a missing text


@dataclass(frozen=True)
class Post:
    """A post: its subreddit, its title (empty if wrangled), and its title and text joined."""

    subreddit: str
    title: str
    text: str


def read_posts(path: Path) -> tuple[list[Post], bool]:
    """Return the posts of a file, and whether they are wrangled; raise DataError if invalid."""

    def invalid(reason: str) -> DataError:
        return DataError(f"{path} is not a file of Reddit posts: {reason}.")

    columns: tuple[str, ...] = COLUMNS
    if path.suffix in _DATABASES:
        rows = _database_rows(path, invalid)
    else:
        table = open_table(path)
        columns = table.columns
        if columns not in (COLUMNS, WRANGLED_COLUMNS, _NUMBERED):
            raise invalid(
                f"its columns are {name_list(columns)}; expected {', '.join(COLUMNS)} for raw "
                f"posts, or {', '.join(WRANGLED_COLUMNS)} for wrangled ones"
            )
        rows = list(table.rows(columns))
    if not rows:
        raise invalid("it has no posts; expected one row per post")
    if columns == COLUMNS:
        return _raw_posts(rows, invalid), False
    return _wrangled_posts(rows, invalid), True


def _database_rows(path: Path, invalid: DataErrorFactory) -> list[Sequence[Any]]:
    """Return the rows of the table, which is opened read-only."""
    rows: list[Sequence[Any]] = []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({TABLE})")]
            if missing := [column for column in COLUMNS if column not in columns]:
                raise invalid(
                    f"it has no table {TABLE} with the column {', '.join(missing)}; the columns of "
                    f"that table are {name_list(columns) or 'none'}; expected {', '.join(COLUMNS)}"
                )
            # SQLite's own error quotes the text and names no row.
            database.text_factory = bytes.decode
            for row in database.execute(f"SELECT {', '.join(COLUMNS)} FROM {TABLE}"):  # noqa: S608
                rows.append(row)
    except UnicodeDecodeError as error:
        raise invalid(
            f"row {len(rows) + 1} has byte 0x{error.object[error.start]:02x}, which is not UTF-8"
        ) from error
    except sqlite3.Error as error:
        raise invalid(f"it cannot be read as a SQLite database ({error})") from error
    return rows


def _raw_posts(rows: Sequence[Sequence[Any]], invalid: DataErrorFactory) -> list[Post]:
    posts = []
    for number, row in enumerate(rows, start=1):
        for column, value in zip(COLUMNS, row, strict=True):
            if not isinstance(value, str):
                kind = "NULL" if value is None else f"a value of the type {type(value).__name__}"
                raise invalid(
                    f"row {number} has {kind} as {column}; expected text, or '' for a title or "
                    "text that is missing"
                )
        name, _, title, text = row
        if not name.strip():
            raise invalid(f"row {number} has an empty subreddit_name; expected a name")
        if is_blank(title + text):
            raise invalid(f"row {number} has neither title nor text; expected one of them")
        if text.strip().lower() in _MISSING_TEXTS:
            raise invalid(
                f"row {number} has the text {text.strip()!r}; expected the words of a post, or '' "
                "if it has none"
            )
        posts.append(Post(name.strip(), title.strip(), join_post(title, text)))
    return posts


def _wrangled_posts(rows: Sequence[Sequence[str]], invalid: DataErrorFactory) -> list[Post]:
    posts = []
    for number, (text, name, *_) in enumerate(rows, start=1):
        if is_blank(text) or text.strip().lower() in _MISSING_TEXTS:
            actual = "an empty text" if is_blank(text) else f"the text {text.strip()!r}"
            raise invalid(f"row {number} has {actual}; expected the words of a post")
        if not name.strip():
            raise invalid(f"row {number} has an empty subreddit; expected a name")
        posts.append(Post(name.strip(), "", text))
    return posts
