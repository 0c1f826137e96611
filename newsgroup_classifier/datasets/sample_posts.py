"""Small generated posts of Reddit in the raw form, so that wrangling has something to drop.

See `sample` for what generated corpora are for.
"""

import random

from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.datasets.post_wrangling import Thresholds, wrangle
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.sources.submissions import Post
from newsgroup_classifier.datasets.subreddits import WrangledDataset, split_posts
from newsgroup_classifier.text.posts import join_post

_SUBREDDITS = ("Cooking", "DIY", "books", "cars", "history", "math", "space", "travel")
_POSTS, _RARE_POSTS, _SHORT_POSTS = 60, 5, 4  # a subreddit
SAMPLE_THRESHOLDS = Thresholds(characters=100, posts=50)


def generate_raw_posts(seed: int = 0) -> list[Post]:
    """Return posts of eight subreddits, one of them rare; some posts are short or come twice."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    posts = []
    for place, name in enumerate(_SUBREDDITS):
        own = invented_words(rng, 60)
        count = _POSTS if place + 1 < len(_SUBREDDITS) else _RARE_POSTS
        long = [_post(rng, name, (own, shared), sentences=3) for _ in range(count)]
        short = [_post(rng, name, (own, shared), sentences=0) for _ in range(_SHORT_POSTS)]
        posts += [*long, *short, long[0]]
    rng.shuffle(posts)
    return posts


def generate_subreddits(thresholds: Thresholds = SAMPLE_THRESHOLDS) -> WrangledDataset:
    """Return the generated posts, wrangled as real ones are."""
    return split_posts(*wrangle(generate_raw_posts(), thresholds), GENERATED)


def _post(
    rng: random.Random, name: str, words: tuple[list[str], list[str]], sentences: int
) -> Post:
    own, shared = words
    title = " ".join(rng.choices(own, k=4)).capitalize() + rng.choice((".", "!", "?"))
    said = []
    for _ in range(sentences):
        chosen = [rng.choice(own if rng.random() < 0.3 else shared) for _ in range(9)]
        said.append(" ".join(chosen).capitalize() + rng.choice(".!?"))
    return Post(name, title, join_post(title, "  ".join(said)))
