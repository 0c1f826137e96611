"""Count the tokens of cleaned texts as NLTK's word tokenizer would find them.

On letters and spaces that tokenizer splits at spaces, and parts six contractions in two (the list
is MacIntyre's, from the Penn Treebank's tokenizer script, as in nltk.tokenize.destructive).
"""

from collections import Counter
from collections.abc import Iterable, Mapping

CONTRACTIONS = {
    "cannot": ("can", "not"),
    "gimme": ("gim", "me"),
    "gonna": ("gon", "na"),
    "gotta": ("got", "ta"),
    "lemme": ("lem", "me"),
    "wanna": ("wan", "na"),
}


def count_tokens(cleaned: Iterable[str]) -> Counter[str]:
    """Return how often each token occurs in cleaned texts."""
    return split_contractions(Counter(word for text in cleaned for word in text.split()))


def split_contractions(words: Mapping[str, int]) -> Counter[str]:
    """Return the counts of tokens in counts of words."""
    counts = Counter(words)
    for word, parts in CONTRACTIONS.items():
        count = counts.pop(word, 0)
        for part in parts:
            if count:
                counts[part] += count
    return counts


def middling_words(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the words with a count between 3 and 100 (exclusive) and more than two letters.

    Rarer ones are noise, commoner ones say little about any class.
    """
    return {word: count for word, count in counts.items() if 3 < count < 100 and len(word) > 2}
