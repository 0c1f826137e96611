"""The usual names of text and label columns, and how a message shows a name."""

from collections.abc import Sequence

TEXT = (
    *("text", "body", "message", "content", "comment", "review", "description", "question"),
    *("post", "sentence", "document", "ticket", "email", "utterance", "txt", "data", "instruction"),
)
TITLES = ("title", "headline", "subject")  # are texts if there is no other
LABELS = (
    *("label", "class", "category", "target", "topic", "queue", "intent", "sentiment", "cat"),
    *("tag", "type", "author", "subreddit", "department", "label_name", "label_names"),
)
USUAL_NAMES = frozenset((*TEXT, *TITLES, *LABELS))
_SHOWN = 10  # names in a message
_LONGEST, _WORDS = 40, 4  # of a name in a message


def shown(name: str) -> str:
    """Return a name for a message, or its length if it may be a text."""
    if len(name) <= _LONGEST and len(name.split()) <= _WORDS:
        return repr(name)
    return f"(a name of {len(name):,} characters)"


def shown_list(names: Sequence[str]) -> str:
    """Return up to ten names for a message, and the number of the others."""
    more = f", and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(map(shown, names[:_SHOWN])) + more
