"""A lexicon of WordNet's nouns in one small file, with lemmas that agree with NLTK's.

The file is gzipped JSON: the nouns, the exceptions (form: lemmas), and WordNet's notice.
`newsgroup_classifier.datasets.sources.wordnet` compiles it, so that neither training nor serving
needs NLTK.
"""

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from newsgroup_classifier.errors import DataError, one_line

LEXICON_FILE = "lexicon.json.gz"
# WordNet's rules of detachment for plural nouns (see morphy(7WN)).
DETACHMENTS = (
    ("s", ""),
    ("ses", "s"),
    ("ves", "f"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
)


@dataclass(frozen=True)
class Lexicon:
    """The nouns of WordNet, the lemmas of irregular forms, and WordNet's notice."""

    nouns: frozenset[str]
    exceptions: Mapping[str, tuple[str, ...]]
    notice: str = ""

    def lemma(self, word: str) -> str:
        """Return the shortest noun of which the word is a form, or the word if there is none."""
        detached = self.exceptions.get(word) or [
            word[: -len(old)] + new for old, new in DETACHMENTS if word.endswith(old)
        ]
        nouns = [form for form in (word, *detached) if form in self.nouns]
        return min(nouns, key=len, default=word)

    @cached_property
    def _irregular(self) -> dict[str, list[str]]:
        forms: dict[str, list[str]] = defaultdict(list)
        for form, lemmas in self.exceptions.items():
            for lemma in lemmas:
                forms[lemma].append(form)
        return dict(forms)

    def forms(self, lemma: str) -> list[str]:
        """Return every word with this lemma.

        A word differs from its lemma by an exception or by one rule. Applying both in reverse gives
        all candidates, whose lemmas are then compared.
        """
        candidates = {lemma, *self._irregular.get(lemma, ())}
        for old, new in DETACHMENTS:
            if lemma.endswith(new):
                candidates.add(lemma.removesuffix(new) + old)
        return sorted(word for word in candidates if self.lemma(word) == lemma)

    def table(self, lemmas: Iterable[str]) -> dict[str, str]:
        """Return the lemma of every word with one of these lemmas."""
        return {form: lemma for lemma in lemmas for form in self.forms(lemma)}


def write_lexicon(lexicon: Lexicon) -> bytes:
    """Return the bytes of a lexicon file; equal lexicons give equal bytes."""
    content = {
        "notice": lexicon.notice,
        "nouns": sorted(lexicon.nouns),
        "exceptions": dict(sorted(lexicon.exceptions.items())),
    }
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0)


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon file; raise DataError if it is missing or invalid."""
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        nouns, exceptions = frozenset(content["nouns"]), content["exceptions"]
        return Lexicon(
            nouns, {form: tuple(lemmas) for form, lemmas in exceptions.items()}, content["notice"]
        )
    except (FileNotFoundError, IsADirectoryError):
        raise DataError(
            f"{path.name} is missing in the lexicon channel {path.parent}. Upload it with "
            "scripts.upload_data."
        ) from None
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is not a lexicon file ({one_line(error)}). Upload a new one with "
            "scripts.upload_data."
        ) from error
