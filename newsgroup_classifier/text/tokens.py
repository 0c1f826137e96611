"""Count the tokens of cleaned texts like NLTK's word tokenizer.

On letters and spaces, that tokenizer splits at spaces and splits six contractions in two (the list
is MacIntyre's, from the Penn Treebank's tokenizer script, as in nltk.tokenize.destructive).
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from newsgroup_classifier.text.cleaning import stop_words

CONTRACTIONS = {
    "cannot": ("can", "not"),
    "gimme": ("gim", "me"),
    "gonna": ("gon", "na"),
    "gotta": ("got", "ta"),
    "lemme": ("lem", "me"),
    "wanna": ("wan", "na"),
}


def count_tokens(cleaned: Iterable[str]) -> Counter[str]:
    """Return the number of occurrences of each token in cleaned texts."""
    return split_contractions(Counter(word for text in cleaned for word in text.split()))


def split_contractions(words: Mapping[str, int]) -> Counter[str]:
    """Return the counts of tokens for counts of words."""
    counts = Counter(words)
    for word, parts in CONTRACTIONS.items():
        count = counts.pop(word, 0)
        for part in parts:
            if count:
                counts[part] += count
    return counts


def cloud_words(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the words of a word cloud: three or more letters, and no English stop word."""
    stops = stop_words()
    return {word: n for word, n in counts.items() if len(word) > 2 and word not in stops}
