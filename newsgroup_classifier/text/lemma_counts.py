"""Count the lemmas of texts: scikit-learn's CountVectorizer with WordNet's lemmas as tokens."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer

from newsgroup_classifier.text.lexicon import read_lexicon


class LemmaCountVectorizer(CountVectorizer):
    """Count the noun lemmas of texts; stop words are removed before lemmatization.

    `lexicon` is the path of a lexicon file that `fit` reads; with None, each word is its own lemma.
    Fitting sets `forms_`, the lemma of every word whose lemma is in the vocabulary. Other words are
    ignored, so scoring needs no lexicon.
    """

    def __init__(
        self,
        *,
        lexicon: str | None = None,
        stop_words: str | Collection[str] | None = None,
        max_df: float = 1.0,
        min_df: float = 1,
    ) -> None:
        super().__init__(stop_words=stop_words, max_df=max_df, min_df=min_df)
        self.lexicon = lexicon

    def fit(self, raw_documents: Iterable[str], y: Any = None) -> "LemmaCountVectorizer":
        """Learn the vocabulary of lemmas."""
        self.fit_transform(raw_documents, y)
        return self

    def fit_transform(self, raw_documents: Iterable[str], y: Any = None) -> Any:
        """Learn the vocabulary of lemmas; return the counts as sparse rows."""
        texts = list(raw_documents)
        lexicon = read_lexicon(Path(self.lexicon)) if self.lexicon is not None else None
        words = {word for text in texts for word in self.words(text)}
        self.forms_ = {word: lexicon.lemma(word) if lexicon else word for word in words}
        counts = super().fit_transform(texts, y)
        lemmas = self.vocabulary_
        known = lexicon.table(lemmas) if lexicon else {lemma: lemma for lemma in lemmas}
        stopped = self.get_stop_words() or frozenset()
        self.forms_ = {form: lemma for form, lemma in known.items() if form not in stopped}
        return counts

    def words(self, text: str) -> list[str]:
        """Return the words of a text in lower case, without stop words."""
        return super().build_analyzer()(text)

    def build_analyzer(self) -> Callable[[str], list[str]]:
        """Return the function from a text to the lemmas of its words in `forms_`."""
        words, forms = super().build_analyzer(), self.forms_
        return lambda text: [forms[word] for word in words(text) if word in forms]
