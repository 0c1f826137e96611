"""Compile WordNet's nouns, read with NLTK, into the lexicon that training lemmatizes with.

WordNet is looked up in `data_dir`/nltk_data or DATASETS_DIR/nltk_data, and then in NLTK's own
places (NLTK_DATA, ~/nltk_data, and others).
"""

import warnings
from pathlib import Path

from newsgroup_classifier.datasets.sources.location import data_folder
from newsgroup_classifier.errors import DataError, DataUnavailable
from newsgroup_classifier.text.lexicon import Lexicon

_ADDRESS = "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/wordnet.zip"
_NOUN = "n"


def load_lexicon(data_dir: Path | None = None) -> Lexicon:
    """Return WordNet's nouns; raise DataUnavailable if WordNet is not on this machine."""
    # NLTK takes a second to import, and only uploading data needs it.
    from nltk.corpus.reader.wordnet import WordNetCorpusReader, WordNetError

    root = _find_wordnet(data_dir)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # about other languages, which need more data
            reader = WordNetCorpusReader(root, None)
        nouns = frozenset(reader.all_lemma_names(pos=_NOUN))
        lines = [line.split() for line in reader.open("noun.exc")]
        notice = reader.license()
    except (WordNetError, OSError, AttributeError, ValueError) as error:
        raise DataError(f"WordNet cannot be read ({error}). Download {_ADDRESS} again.") from error
    return Lexicon(nouns, {form: tuple(lemmas) for form, *lemmas in lines}, notice)


def _find_wordnet(data_dir: Path | None) -> object:
    import nltk.data

    root = data_folder(data_dir)
    folder = str(root / "nltk_data") if root else None
    if folder and folder not in nltk.data.path:
        # NLTK only reads files from the folders on its path.
        nltk.data.path.insert(0, folder)
    for name in ("corpora/wordnet.zip/wordnet/", "corpora/wordnet"):
        try:
            return nltk.data.find(name)
        except LookupError:
            continue
    raise DataUnavailable(
        f"WordNet was not found in {', '.join(nltk.data.path)}. Put {_ADDRESS} into the folder "
        "corpora of one of them (as python -m nltk.downloader wordnet does), or set DATASETS_DIR "
        "to a folder with nltk_data/corpora/wordnet.zip."
    )
