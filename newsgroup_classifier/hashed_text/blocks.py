"""The specification of a block: which n-grams of which part of a text, and their weights."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from newsgroup_classifier.hashed_text.parts import PARTS, WHOLE

WORDS = "words"  # runs of word characters, as \w+ finds them
MARKS = "words-and-marks"  # and each other visible character: \w+|[^\w\s]
TOKENS = "tokens"  # addresses and versions whole: [\w.@+-]*\w
PIECES = "characters-in-words"  # as the analyzer char_wb of scikit-learn's vectorizers
CHARACTERS = "characters"  # as their analyzer char

Tokenize = Callable[[str], list[str]]
# As [\w.@+-]*\w, but without its quadratic time on a line of dots.
_TOKEN = re.compile(r"(?<![\w.@+-])[.@+-]*+\w++(?:[.@+-]++\w++)*+")

TOKEN_PATTERNS: dict[str, re.Pattern[str]] = {
    WORDS: re.compile(r"\w+"),
    MARKS: re.compile(r"\w+|[^\w\s]"),
    TOKENS: _TOKEN,
}
KINDS = (*TOKEN_PATTERNS, PIECES, CHARACTERS)

_MAX_LENGTH = 16  # symbols of the longest n-gram
SPACES = re.compile(r"\s\s+")
_SIGNS = ".@+-"  # inside of tokens and at their beginning


def _find_words(text: str) -> list[str]:
    # Of ASCII, a table finds the same words in a quarter of the time.
    if text.isascii():
        return text.translate(_WORDS_ONLY).split()
    return TOKEN_PATTERNS[WORDS].findall(text)


def _find_tokens(text: str) -> list[str]:
    if text.isascii():
        runs = text.translate(_TOKENS_ONLY).split()
        return [token for run in runs if (token := run.rstrip(_SIGNS))]
    return _TOKEN.findall(text)


def _ascii_table(signs: str) -> str:
    """Return a table that replaces all characters but letters, digits, and signs with spaces."""
    ascii_characters = map(chr, range(128))
    return "".join(each if each.isalnum() or each in signs else " " for each in ascii_characters)


_WORDS_ONLY, _TOKENS_ONLY = _ascii_table("_"), _ascii_table(f"_{_SIGNS}")
_TOKENIZE: dict[str, Tokenize] = {
    WORDS: _find_words,
    MARKS: TOKEN_PATTERNS[MARKS].findall,
    TOKENS: _find_tokens,
}


@dataclass(frozen=True)
class Block:
    """N-grams of `lowest` to `highest` symbols of one kind.

    `characters` limits the part to its first characters; 0 is no limit. N-grams of fewer than
    `min_df` texts are not learned. With a `k1` of 0, an n-gram that occurs n times has the weight
    (1 + log n) * idf, otherwise that of BM25 with `k1` and `b` (Robertson and Zaragoza, "The
    Probabilistic Relevance Framework", 2009), with the length of a text in n-grams. The idf is that
    of scikit-learn's TfidfVectorizer.
    """

    kind: str
    lowest: int = 1
    highest: int = 1
    lower: bool = True
    part: str = WHOLE
    characters: int = 0
    min_df: int = 1
    k1: float = 0.0
    b: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError unless all fields are valid."""
        # The padding makes a piece three characters long, so each has n-grams of up to three.
        most = 3 if self.kind == PIECES else _MAX_LENGTH
        wrong = {
            "kind": self.kind not in KINDS,
            "lowest": not 1 <= self.lowest <= most,
            "highest": not self.lowest <= self.highest <= _MAX_LENGTH,
            "part": self.part not in PARTS,
            "characters": self.characters < 0,
            "min_df": self.min_df < 1,
            "k1": not 0 <= self.k1 <= 1000,
            "b": not 0 <= self.b <= 1,
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                raise ValueError(f"a block of n-grams has the {name} {getattr(self, name)!r}")

    @property
    def tokenize(self) -> Tokenize | None:
        """The function that finds the tokens of a text; None for blocks of characters."""
        return _TOKENIZE.get(self.kind)

    def prepare(self, text: str) -> str:
        """Return what is cut into n-grams: the part, its first characters, and its case."""
        text = PARTS[self.part](text)
        if self.characters:
            text = text[: self.characters]
        if self.lower:
            text = text.lower()
        return SPACES.sub(" ", text) if self.kind == CHARACTERS else text

    def fields(self) -> dict[str, Any]:
        """Return the fields for a JSON file."""
        return asdict(self)
