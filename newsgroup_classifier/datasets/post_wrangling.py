"""Select the posts that a recommender learns from, with a report and plots of what was dropped.

As in the tutorial, posts have at least 100 characters, each class has 100 posts, and classes with
fewer are dropped.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from newsgroup_classifier.datasets.sources.submissions import Post
from newsgroup_classifier.datasets.splits import MIN_ROWS
from newsgroup_classifier.errors import DataError, counted
from newsgroup_classifier.text.posts import clean_post

_SEED = 0
_DPI = 120


@dataclass(frozen=True)
class Thresholds:
    """The minimum length of a cleaned post, and the number of posts per class."""

    min_characters: int = 100
    posts_per_class: int = 100

    def check(self) -> "Thresholds":
        """Return these; raise DataError if they leave too little to train and test with."""
        if self.min_characters < 0 or self.posts_per_class < MIN_ROWS:
            raise DataError(
                f"the thresholds are {self.min_characters} characters and {self.posts_per_class} "
                f"posts per class; expected 0 characters or more and {MIN_ROWS} posts or more"
            )
        return self


@dataclass(frozen=True)
class ClassSize:
    """The number of posts in a class, and their mean length in characters."""

    posts: int
    mean_length: float


@dataclass(frozen=True)
class Wrangling:
    """The numbers of posts read, dropped, and kept, and the class sizes before and after."""

    read: int
    too_short: int
    duplicates: int
    over: int
    rare_classes: dict[str, int]
    kept: int
    before: dict[str, ClassSize]
    after: dict[str, ClassSize]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object, without the class sizes."""
        fields = asdict(self)
        del fields["before"], fields["after"]
        return fields | {"classes": len(self.after)}

    def rows(self) -> list[tuple[str, str]]:
        """Return the report as the rows of a table."""
        rare = f"{sum(self.rare_classes.values()):,} in {_classes(self.rare_classes)}"
        return [
            ("posts read", f"{self.read:,} in {_classes(self.before)}"),
            ("too short", f"{self.too_short:,}"),
            ("duplicates of an earlier post", f"{self.duplicates:,}"),
            ("in classes with too few posts", rare),
            ("over the limit per class", f"{self.over:,}"),
            ("posts kept", f"{self.kept:,} in {_classes(self.after)}"),
        ]


def _classes(names: Collection[str]) -> str:
    return counted(len(names), "class", "classes")


def wrangle(posts: Sequence[Post], thresholds: Thresholds) -> tuple[list[Post], Wrangling]:
    """Return the posts to learn from, in their order, and a report."""
    thresholds.check()
    cleaned = [clean_post(post.text) for post in posts]
    long = [n for n, text in enumerate(cleaned) if len(text) >= max(1, thresholds.min_characters)]
    distinct = first_of_each(long, cleaned)
    members: dict[str, list[int]] = defaultdict(list)
    for number in distinct:
        members[posts[number].subreddit].append(number)
    count = thresholds.posts_per_class
    rare = {name: len(own) for name, own in members.items() if len(own) < count}
    frequent = {name: own for name, own in members.items() if name not in rare}
    selection = _draw(frequent, count)
    report = Wrangling(
        read=len(posts),
        too_short=len(posts) - len(long),
        duplicates=len(long) - len(distinct),
        over=len(distinct) - sum(rare.values()) - len(selection),
        rare_classes=dict(sorted(rare.items())),
        kept=len(selection),
        before=class_sizes(posts, lambda post: len(post.text)),
        after=class_sizes([posts[n] for n in selection], lambda post: len(clean_post(post.text))),
    )
    return [posts[n] for n in selection], report


def keep_all(posts: Sequence[Post]) -> Wrangling:
    """Return the report on posts that are already wrangled, none of which is dropped."""
    sizes = class_sizes(posts, lambda post: len(post.text))
    return Wrangling(len(posts), 0, 0, 0, {}, len(posts), sizes, sizes)


def first_of_each(numbers: Sequence[int], texts: Sequence[str]) -> list[int]:
    """Return the numbers of the texts that differ from all earlier ones."""
    firsts: dict[str, int] = {}
    for number in numbers:
        firsts.setdefault(texts[number], number)
    return list(firsts.values())


def _draw(members: dict[str, list[int]], count: int) -> list[int]:
    """Return the numbers of `count` random posts per class, always the same."""
    rng = random.Random(_SEED)  # noqa: S311 - not for security
    return sorted(n for name in sorted(members) for n in rng.sample(members[name], count))


def class_sizes(posts: Sequence[Post], length: Callable[[Post], int]) -> dict[str, ClassSize]:
    """Return the size of each class by name, sorted by name."""
    counts = Counter(post.subreddit for post in posts)
    lengths: Counter[str] = Counter()
    for post in posts:
        lengths[post.subreddit] += length(post)
    return {name: ClassSize(counts[name], lengths[name] / counts[name]) for name in sorted(counts)}


def save_post_plots(wrangling: Wrangling, folder: Path) -> list[str]:
    """Save plots of the number and mean length of posts per class; return the file names.

    They are legible with 50 classes.
    """
    plots: dict[str, tuple[str, Callable[[ClassSize], float]]] = {
        "posts_per_class.png": ("posts", lambda size: size.posts),
        "mean_length_per_class.png": (
            "mean length of a post, characters",
            lambda size: size.mean_length,
        ),
    }
    for name, (label, value) in plots.items():
        _plot(wrangling, label, value, folder / name)
    return list(plots)


def _plot(
    wrangling: Wrangling, label: str, value: Callable[[ClassSize], float], path: Path
) -> None:
    """Plot a bar per class before and after wrangling, of length 0 for a dropped class."""
    from matplotlib.figure import Figure

    names = list(wrangling.before)
    places = range(len(names))
    figure = Figure(figsize=(11, 2 + 0.22 * len(names)), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    stages = (("before", wrangling.before), ("after", wrangling.after))
    for axes, (title, sizes) in zip(panels, stages, strict=True):
        values = [value(sizes[name]) if name in sizes else 0.0 for name in names]
        bars = axes.barh(places, values, height=0.7)
        axes.bar_label(bars, fmt=lambda number: f"{number:,.0f}", fontsize=7, padding=2)
        axes.margins(x=0.14, y=0.01)
        posts = sum(size.posts for size in sizes.values())
        total = f"{counted(posts, 'post')} in {counted(len(sizes), 'class', 'classes')}"
        axes.set(xlabel=label, title=f"{title} wrangling: {total}")
    panels[0].set_yticks(places, names, fontsize=8)
    panels[0].invert_yaxis()
    figure.savefig(path, dpi=_DPI)
