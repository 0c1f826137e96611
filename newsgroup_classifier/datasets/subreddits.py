"""Reddit posts by subreddit, as in the tutorial "SubReddit Recommender".

Users collect the posts themselves with Reddit's API. Raw posts are wrangled; a file of wrangled
posts is used as it is. A fifth of each class becomes the test channel, and posts with the same
words never occur in both channels.
"""

import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from newsgroup_classifier.channels.texts import Dataset, Row, frame_of
from newsgroup_classifier.datasets import (
    GENERATED,
    DatasetLoader,
    Report,
    report_nothing,
    whole_number,
)
from newsgroup_classifier.datasets.generated_texts import invent_words, mix_words
from newsgroup_classifier.datasets.post_wrangling import (
    Thresholds,
    Wrangling,
    keep_all,
    save_post_plots,
    wrangle,
)
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.sources.submissions import TABLE, Post, read_posts
from newsgroup_classifier.datasets.splits import MIN_ROWS, draw_groups, partition
from newsgroup_classifier.errors import DataError, counted, is_name, name_list
from newsgroup_classifier.text.posts import clean_post, join_post

POSTS = PublishedFile(
    "reddit-subreddits",
    (
        "submissions.db",
        "submissions.sqlite",
        "submissions.sqlite3",
        "submissions.csv",
        "submissions.csv.gz",
        "subreddit44.csv.gz",
    ),
    f"Collect posts with Reddit's API into a SQLite database with the table {TABLE}, or into a CSV "
    "file with the same columns (the documentation lists them)",
)
_SOURCE = "Reddit posts by subreddit"
_SUBREDDITS = ("Cooking", "DIY", "books", "cars", "history", "math", "space", "travel")
_POSTS, _RARE_POSTS, _SHORT_POSTS = 60, 5, 4  # per subreddit of the generated sample
SAMPLE_THRESHOLDS = Thresholds(posts_per_class=50)
REPORT = "Posts read, dropped and kept"


@dataclass(frozen=True)
class WrangledDataset(Dataset):
    """A data set with the report on the posts that it was made from."""

    wrangling: Wrangling


def load_subreddits(
    data_dir: Path | None = None, report: Report = report_nothing, **limits: int
) -> WrangledDataset:
    """Return the posts of the first file that exists, after a report on their wrangling.

    The limits are fields of Thresholds. Raises DataError if they are set for wrangled posts.
    """
    path = locate(POSTS, data_dir)
    posts, wrangled = read_posts(path)
    if wrangled and limits:
        raise DataError(
            f"{path} has posts that are already wrangled, and all of them are used. Omit "
            "--min-characters and --posts-per-class."
        )
    thresholds = Thresholds(**limits)
    selection, wrangling = (posts, keep_all(posts)) if wrangled else wrangle(posts, thresholds)
    report(REPORT, wrangling.rows())
    if wrangled and len(wrangling.after) == 1:
        raise DataError(
            f"{path} has only one class ({name_list(list(wrangling.after))}); expected two or "
            "more. Collect posts of another class."
        )
    try:
        return split_posts(selection, wrangling, _SOURCE)
    except DataError as error:
        length, count = thresholds.min_characters, thresholds.posts_per_class
        used = f"{length} or more characters per post, {count} posts per class"
        hint = "" if wrangled else f" The thresholds were: {used}."
        raise DataError(f"{path} has {error}{hint}") from error


def split_posts(posts: list[Post], wrangling: Wrangling, source: str) -> WrangledDataset:
    """Return both channels; raise DataError for too few classes, or too few posts in a class."""
    counts = Counter(post.subreddit for post in posts)
    names = sorted(counts)
    if len(names) < 2:
        largest = max(wrangling.rare_classes.values(), default=0)
        rest = f", and the largest of the others has {counted(largest, 'post')}" if largest else ""
        raise DataError(
            f"too few classes with enough posts ({len(names)}){rest}; expected two or more. Lower "
            "--min-characters or --posts-per-class, or collect more posts."
        )
    for name in names:
        if counts[name] < MIN_ROWS:
            place = f"the class {name}" if is_name(name) else "a class"
            raise DataError(
                f"{counted(counts[name], 'post')} in {place}; "
                f"expected {MIN_ROWS} or more, to train and test with. Remove the class, or "
                "collect more of its posts."
            )
    rows: list[Row] = [
        (post.text, post.title, post.subreddit, names.index(post.subreddit)) for post in posts
    ]
    drawn = draw_groups([row[3] for row in rows], [clean_post(row[0]) for row in rows])
    train, test = partition(rows, drawn)
    return WrangledDataset(frame_of(train), frame_of(test), source, wrangling)


def generate_raw_posts(seed: int = 0) -> list[Post]:
    """Return posts of eight subreddits, one of them rare, with some short posts and duplicates."""
    rng = random.Random(seed)  # noqa: S311 - not for security
    shared = invent_words(rng, 300)
    posts = []
    for name in _SUBREDDITS:
        own = invent_words(rng)
        count = _POSTS if name != _SUBREDDITS[-1] else _RARE_POSTS
        long = [_generate_post(rng, name, (own, shared), sentences=3) for _ in range(count)]
        short = [_generate_post(rng, name, (own, shared), sentences=0) for _ in range(_SHORT_POSTS)]
        posts += [*long, *short, long[0]]
    rng.shuffle(posts)
    return posts


def generate_subreddits(report: Report = report_nothing, **limits: int) -> WrangledDataset:
    """Return generated posts, wrangled in the same way as real ones."""
    selection, wrangling = wrangle(generate_raw_posts(), replace(SAMPLE_THRESHOLDS, **limits))
    report(REPORT, wrangling.rows())
    return split_posts(selection, wrangling, GENERATED)


def _generate_post(
    rng: random.Random, name: str, words: tuple[list[str], list[str]], sentences: int
) -> Post:
    own, shared = words
    title = " ".join(rng.choices(own, k=4)).capitalize() + rng.choice((".", "!", "?"))
    text = [
        " ".join(mix_words(rng, own, shared, 0.3, 9)).capitalize() + rng.choice(".!?")
        for _ in range(sentences)
    ]
    return Post(name, title, join_post(title, "  ".join(text)))


DATASET = DatasetLoader(
    "subreddits",
    load_subreddits,
    generate_subreddits,
    flags={
        "--min-characters": {
            "type": whole_number(0),
            "metavar": "N",
            "help": "minimum length of a post (default: 100)",
        },
        "--posts-per-class": {
            "type": whole_number(1),
            "metavar": "N",
            "help": "posts per class; smaller ones are dropped (default: 100, or 50 of a sample)",
        },
    },
    reports=True,
    result=lambda dataset: {"wrangling": dataset.wrangling.as_dict()},
    draw=lambda dataset, folder: save_post_plots(dataset.wrangling, folder),
)
