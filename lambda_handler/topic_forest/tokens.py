"""Find the known words of texts, as scikit-learn's count vectorizer does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lambda_handler.checks import check_length, check_range, decode_lines, get_array
from lambda_handler.npz import Members
from lambda_handler.topic_forest.counts import Counts, count_items

_WORD = re.compile(r"(?u)\b\w\w+\b")


@dataclass(frozen=True)
class Forms:
    """The column of every word whose lemma is in the vocabulary; other words are ignored."""

    columns: dict[str, int]

    def count(self, texts: Sequence[str]) -> Counts:
        """Count the lemmas of texts."""
        columns = self.columns
        return count_items(
            [
                [columns[word] for word in _WORD.findall(text.lower()) if word in columns]
                for text in texts
            ]
        )


def load_forms(arrays: Members, width: int) -> Forms:
    """Return the forms of a model file with `width` lemmas; raise ModelError if invalid."""
    forms = decode_lines(get_array(arrays, "forms", "u", 1), "forms")
    columns = get_array(arrays, "form_columns", "u", 1)
    check_length(len(columns), len(forms), "form_columns")
    check_range(columns, 0, width - 1, "form_columns")
    by_form = dict(zip(forms, columns.tolist(), strict=True))
    check_length(len(by_form), len(forms), "list of distinct forms")
    return Forms(by_form)
