"""Choose the posts that a recommender learns from, as pure functions, and say what was dropped.

As in the tutorial: posts of at least 100 characters, 100 of each class, no class that has fewer.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from newsgroup_classifier.datasets.sources.submissions import Post
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.posts import clean_post

LEAST_POSTS = 3  # of a class, of which one is to test with
_SEED = 0


@dataclass(frozen=True)
class Thresholds:
    """How many characters a cleaned post has at least, and how many posts each class gets."""

    characters: int = 100
    posts: int = 100

    def check(self) -> "Thresholds":
        """Return these; raise DataError for numbers that leave nothing to train or test with."""
        if self.characters < 0 or self.posts < LEAST_POSTS:
            raise DataError(
                f"the thresholds are {self.characters} characters and {self.posts} posts a class; "
                f"expected 0 characters or more and {LEAST_POSTS} posts or more"
            )
        return self


SEED = Thresholds()  # those of the tutorial


@dataclass(frozen=True)
class ClassSize:
    """How many posts a class has, and how many characters they have in the mean."""

    posts: int
    mean_length: float


@dataclass(frozen=True)
class Wrangling:
    """What was read, dropped and kept; sizes are those of each class before and after."""

    read: int
    too_short: int
    duplicates: int
    over: int
    rare_classes: dict[str, int]
    kept: int
    before: dict[str, ClassSize]
    after: dict[str, ClassSize]

    def as_dict(self) -> dict[str, Any]:
        """Return what is dropped and kept, as JSON has it."""
        told = asdict(self)
        return {name: told[name] for name in told if name not in ("before", "after")} | {
            "classes": len(self.after)
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return the rows of a table for people."""
        rare = f"{sum(self.rare_classes.values()):,} of {len(self.rare_classes)} classes"
        return [
            ("posts read", f"{self.read:,} of {len(self.before)} classes"),
            ("too short", f"{self.too_short:,}"),
            ("with the words of an earlier one", f"{self.duplicates:,}"),
            ("in classes with too few", rare),
            ("more than a class gets", f"{self.over:,}"),
            ("posts kept", f"{self.kept:,} of {len(self.after)} classes"),
        ]


def wrangle(posts: Sequence[Post], thresholds: Thresholds) -> tuple[list[Post], Wrangling]:
    """Return the posts to learn from, in their order, and what became of the others."""
    thresholds.check()
    cleaned = [clean_post(post.text) for post in posts]
    long = [n for n, text in enumerate(cleaned) if len(text) >= max(1, thresholds.characters)]
    distinct = first_of_each(long, cleaned)
    members: dict[str, list[int]] = defaultdict(list)
    for number in distinct:
        members[posts[number].subreddit].append(number)
    rare = {name: len(own) for name, own in members.items() if len(own) < thresholds.posts}
    kept = _draw({name: own for name, own in members.items() if name not in rare}, thresholds.posts)
    report = Wrangling(
        read=len(posts),
        too_short=len(posts) - len(long),
        duplicates=len(long) - len(distinct),
        over=len(distinct) - sum(rare.values()) - len(kept),
        rare_classes=dict(sorted(rare.items())),
        kept=len(kept),
        before=class_sizes(posts, lambda post: len(post.text)),
        after=class_sizes([posts[n] for n in kept], lambda post: len(clean_post(post.text))),
    )
    return [posts[n] for n in kept], report


def keep_all(posts: Sequence[Post]) -> Wrangling:
    """Return the report on posts that are wrangled already: all stay, so no copy is dropped."""
    sizes = class_sizes(posts, lambda post: len(post.text))
    return Wrangling(len(posts), 0, 0, 0, {}, len(posts), sizes, sizes)


def first_of_each(numbers: Sequence[int], texts: Sequence[str]) -> list[int]:
    """Return the numbers of texts that no earlier one equals."""
    firsts: dict[str, int] = {}
    for number in numbers:
        firsts.setdefault(texts[number], number)
    return list(firsts.values())


def _draw(members: dict[str, list[int]], count: int) -> list[int]:
    """Return the numbers of as many posts of each class, always the same."""
    rng = random.Random(_SEED)  # noqa: S311 - a sample, no secret
    return sorted(n for name in sorted(members) for n in rng.sample(members[name], count))


def class_sizes(posts: Sequence[Post], length: Callable[[Post], int]) -> dict[str, ClassSize]:
    """Return the size of each class by name, in sorted order."""
    counts = Counter(post.subreddit for post in posts)
    lengths: Counter[str] = Counter()
    for post in posts:
        lengths[post.subreddit] += length(post)
    return {name: ClassSize(counts[name], lengths[name] / counts[name]) for name in sorted(counts)}
