"""Find the known words of texts, as scikit-learn's count vectorizer does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lambda_handler.checks import below, same_length, split, take
from lambda_handler.counts import Counts, count
from lambda_handler.npz import Members

_WORD = re.compile(r"(?u)\b\w\w+\b")


@dataclass(frozen=True)
class Forms:
    """The column of every word whose lemma is in the vocabulary; other words count for nothing."""

    columns: dict[str, int]

    def count(self, texts: Sequence[str]) -> Counts:
        """Count the lemmas of texts."""
        columns = self.columns
        return count(
            [
                [columns[word] for word in _WORD.findall(text.lower()) if word in columns]
                for text in texts
            ]
        )


def load_forms(arrays: Members, width: int) -> Forms:
    """Return the forms in a model file, of lemmas in `width` columns; ModelError if broken."""
    forms = split(take(arrays, "forms", "u", 1), "forms")
    columns = take(arrays, "form_columns", "u", 1)
    same_length(len(columns), len(forms), "form_columns")
    below(columns, width, "form_columns")
    found = dict(zip(forms, columns.tolist(), strict=True))
    same_length(len(found), len(forms), "forms (each of them once)")
    return Forms(found)
