"""Posts of Reddit by subreddit, as in the tutorial "SubReddit Recommender".

They are collected by whoever uses them, over Reddit's API. A file of raw posts is wrangled; one of
wrangled posts keeps what it has. A fifth of each class is the test channel, and posts of the same
words are never in both.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.post_wrangling import (
    LEAST_POSTS,
    SEED,
    Thresholds,
    Wrangling,
    keep_all,
    wrangle,
)
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.sources.location import HandedOut, locate_handed_out
from newsgroup_classifier.datasets.sources.submissions import TABLE, Post, read_posts
from newsgroup_classifier.datasets.splits import draw_groups
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.posts import clean_post, join_post

POSTS = HandedOut(
    "reddit-subreddits",
    (
        "submissions.db",
        "submissions.sqlite",
        "submissions.sqlite3",
        "submissions.csv",
        "submissions.csv.gz",
        "subreddit44.csv.gz",
    ),
    f"Collect posts over Reddit's API into a SQLite database with the table {TABLE}, or into a CSV "
    "file of its columns (README.md has them)",
)
_SOURCE = "Reddit posts by subreddit"
_SUBREDDITS = ("Cooking", "DIY", "books", "cars", "history", "math", "space", "travel")
_POSTS, _RARE_POSTS, _SHORT_POSTS = 60, 5, 4  # per subreddit of the generated sample
SAMPLE_THRESHOLDS = Thresholds(characters=100, posts=50)


@dataclass(frozen=True)
class WrangledDataset(Dataset):
    """A data set, and what became of the posts that it was made from."""

    wrangling: Wrangling


def load_subreddits(
    data_dir: Path | None = None,
    thresholds: Thresholds | None = None,
    tell: Callable[[Wrangling], None] = lambda report: None,
) -> WrangledDataset:
    """Return the posts of the first file found; `tell` is told what was dropped before that.

    Thresholds are for raw posts (the tutorial's); raises DataError for some with wrangled posts.
    """
    path = locate_handed_out(POSTS, data_dir)
    posts, wrangled = read_posts(path)
    if wrangled and thresholds is not None:
        raise DataError(
            f"{path} has posts that are wrangled already, and all of them are kept; leave "
            "--min-characters and --posts-per-class out"
        )
    least = thresholds or SEED
    kept, report = (posts, keep_all(posts)) if wrangled else wrangle(posts, least)
    tell(report)
    if wrangled and len(report.after) == 1:
        raise DataError(
            f"{path} gives one class alone ({next(iter(report.after))}); expected two or more. All "
            "posts of the file are kept: collect posts of another class."
        )
    try:
        return split_posts(kept, report, _SOURCE)
    except DataError as error:
        asked = f"of {least.characters} characters or more, {least.posts} a class"
        wanted = "" if wrangled else f" The posts looked for were {asked}."
        raise DataError(f"{path} gives {error}{wanted}") from error


def split_posts(posts: list[Post], report: Wrangling, source: str) -> WrangledDataset:
    """Return both channels of posts; raise DataError for too few classes, or posts of one."""
    names = tuple(sorted({post.subreddit for post in posts}))
    if len(names) < 2:
        largest = max(report.rare_classes.values(), default=0)
        rest = f", and the largest of the others has {largest} posts" if largest else ""
        raise DataError(
            f"too few classes with enough posts ({len(names)}){rest}; expected two or more. Lower "
            "--min-characters or --posts-per-class, or collect more posts."
        )
    counts = Counter(post.subreddit for post in posts)
    for name in names:
        if counts[name] < LEAST_POSTS:
            raise DataError(
                f"{counts[name]} post{'s' if counts[name] > 1 else ''} of the class {name}; "
                f"expected {LEAST_POSTS} or more, to train and to test with. Leave the class "
                "out, or collect more of it."
            )
    rows = [(post.text, post.title, post.subreddit, names.index(post.subreddit)) for post in posts]
    drawn = draw_groups([row[3] for row in rows], [clean_post(row[0]) for row in rows])
    parts = [[row for n, row in enumerate(rows) if (n in drawn) == part] for part in (False, True)]
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in parts)
    return WrangledDataset(train, test, source, report)


def generate_raw_posts(seed: int = 0) -> list[Post]:
    """Return posts of eight subreddits, one of them rare; some posts are short or come twice."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    posts = []
    for place, name in enumerate(_SUBREDDITS):
        own = invented_words(rng, 60)
        count = _POSTS if place + 1 < len(_SUBREDDITS) else _RARE_POSTS
        long = [_generate_post(rng, name, (own, shared), sentences=3) for _ in range(count)]
        short = [_generate_post(rng, name, (own, shared), sentences=0) for _ in range(_SHORT_POSTS)]
        posts += [*long, *short, long[0]]
    rng.shuffle(posts)
    return posts


def generate_subreddits(thresholds: Thresholds = SAMPLE_THRESHOLDS) -> WrangledDataset:
    """Return the generated posts, wrangled as real ones are."""
    return split_posts(*wrangle(generate_raw_posts(), thresholds), GENERATED)


def _generate_post(
    rng: random.Random, name: str, words: tuple[list[str], list[str]], sentences: int
) -> Post:
    own, shared = words
    title = " ".join(rng.choices(own, k=4)).capitalize() + rng.choice((".", "!", "?"))
    said = []
    for _ in range(sentences):
        chosen = [rng.choice(own if rng.random() < 0.3 else shared) for _ in range(9)]
        said.append(" ".join(chosen).capitalize() + rng.choice(".!?"))
    return Post(name, title, join_post(title, "  ".join(said)))


DATASET = DatasetLoader("subreddits", load_subreddits, generate_subreddits)
