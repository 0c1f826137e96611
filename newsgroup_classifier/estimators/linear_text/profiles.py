"""The features and the candidate members of a linear text classifier.

A profile is a set of blocks of n-grams: in lower case, or with case and punctuation.
"""

from dataclasses import dataclass, field

from newsgroup_classifier.estimators.linear_text.bayes import NaiveBayes
from newsgroup_classifier.estimators.linear_text.members import Mix
from newsgroup_classifier.estimators.linear_text.ridge import RatioRidge, Ridge
from newsgroup_classifier.hashed_text.blocks import CHARACTERS, MARKS, PIECES, TOKENS, WORDS, Block
from newsgroup_classifier.hashed_text.parts import BODY, SUBJECT, TITLE, WHOLE

NO_TITLE, FIRST_LINE, SUBJECT_HEADER = "none", "first-line", "subject-header"
AUTO, CASED = "auto", "cased"
_TITLE_CHARACTERS = 120  # about twenty words: a text of a single long line has a title, too
_TITLE_WEIGHT, _BODY_WEIGHT = 0.4, 0.5
_COMPLEMENT_ALPHAS = (0.03, 0.1)
_MOST_RATIO_CLASSES = 4  # with more, the ratio model takes long and adds nothing
Member = NaiveBayes | Ridge | RatioRidge


@dataclass(frozen=True)
class Options:
    """The hyperparameters of the features and of the members.

    `title` says where the title of a text is, `word_ngrams` and `character_ngrams` are the longest
    n-grams, `character_min_df` is the minimum of texts with an n-gram of characters, and
    `max_chars` limits the text that is cut into characters. `alpha` is the smoothing of multinomial
    naive Bayes, `C` the inverse regularization of the ratio model, and `svm_C` that of the ridge.
    """

    title: str = NO_TITLE
    word_ngrams: int = 2
    character_ngrams: int = 5
    character_min_df: int = 2
    max_chars: int = 3000
    alpha: float = 0.005
    C: float = 12.0
    svm_C: float = 0.5


@dataclass(frozen=True)
class Candidate:
    """A member that may vote, and the mix of blocks that it is fitted on."""

    member: Member
    mix: Mix = field(hash=False)

    def __str__(self) -> str:
        """Return the member and its blocks."""
        return f"{self.member} on {' + '.join(self.mix)}"


def blocks_of(options: Options, cased: bool) -> dict[str, Block]:
    """Return the blocks of a profile by name."""
    longest, cut = options.character_ngrams, (options.max_chars, options.character_min_df)
    if cased:
        blocks = {
            "words": Block(MARKS, 1, options.word_ngrams, False),
            "characters": Block(CHARACTERS, 1, longest, False, WHOLE, *cut),
        }
    else:
        blocks = {
            "words": Block(WORDS, 1, options.word_ngrams, k1=1.2, b=0.5),
            "characters": Block(PIECES, min(3, longest), longest, True, WHOLE, *cut),
        }
    if options.title == FIRST_LINE:
        blocks["title"] = Block(WORDS, 1, 2, part=TITLE, characters=_TITLE_CHARACTERS)
    elif options.title == SUBJECT_HEADER:
        blocks["title"] = Block(WORDS, 1, 2, part=SUBJECT)
        # Addresses and versions as they are, and the text without what others wrote.
        blocks["tokens"] = Block(TOKENS)
        blocks["body"] = Block(WORDS, 1, 2, part=BODY)
    return blocks


def candidates_of(options: Options, classes: int) -> list[Candidate]:
    """Return the members that may vote."""
    title = {} if options.title == NO_TITLE else {"title": _TITLE_WEIGHT}
    both: Mix = {"words": 1.0, "characters": 1.0, **title}
    members: list[Member] = [
        Ridge(1 / (2 * options.svm_C)),
        NaiveBayes(options.alpha, complement=False),
    ]
    bayes = [NaiveBayes(alpha, complement=True) for alpha in _COMPLEMENT_ALPHAS]
    if classes <= _MOST_RATIO_CLASSES:
        members.append(RatioRidge(options.C))
    words: Mix = {"words": 1.0, **title}
    if options.title == SUBJECT_HEADER:
        words = {"tokens": 1.0, "body": _BODY_WEIGHT, **title}
    return [
        *(Candidate(member, both) for member in [*members, *bayes]),
        *(Candidate(member, words) for member in bayes),
    ]
