"""The errors of the project, all of which users can fix with the help of the message.

ProjectError
├── DataError               a data set or a channel is missing, broken, or invalid
│   └── DataUnavailable         it is not on this machine and cannot be downloaded
├── HyperparameterError     a hyperparameter is unknown or out of range
├── TrainingError           a training job cannot continue: a foreign checkpoint, a lost worker
├── ArtifactError           a model folder is incomplete, was changed, or has other versions
├── NotExportable           a model has a part that the Lambda function does not reproduce
├── DeploymentError         a command cannot be carried out
└── ServingError            a request was not served                       500 InternalError
    └── RequestError            it is refused: the client can fix it       400 InvalidInput
        ├── UnsupportedMediaType    its content type is not supported      415
        │   └── NotAcceptable           it accepts no supported type       406
        └── PayloadTooLarge         it has more bytes or items than fit   413

A message says what is wrong, where, what was found, what was expected, and what to do. It names
rows and columns but never quotes texts, because messages go to logs.
"""

import re
from collections.abc import Callable, Iterable, Sequence

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,19}")
_SHOWN = 10  # names in a message
_LONGEST = 200  # characters of another library's message
# A quoted value in a message of a library, which may be a text of the channel; the last one may be
# cut off.
_QUOTED = r"""(?s)(?<!\w)[bBrRuU]{0,2}('(?:[^'\\]|\\.)*(?:'|\\?\Z)|"(?:[^"\\]|\\.)*(?:"|\\?\Z))"""


class ProjectError(Exception):
    """The base class, which every program catches and prints as one line."""


class DataError(ProjectError):
    """A data set or a channel cannot be used."""


DataErrorFactory = Callable[[str], DataError]  # makes the error about a file from the reason


class DataUnavailable(DataError):
    """A data set is not on this machine and cannot be downloaded."""


class HyperparameterError(ProjectError):
    """A hyperparameter cannot be used."""


class TrainingError(ProjectError):
    """A training job cannot start or continue."""


class ArtifactError(ProjectError):
    """A model folder cannot be used."""


class NotExportable(ProjectError):
    """A model cannot be exported to the Lambda function."""


class DeploymentError(ProjectError):
    """A command cannot be carried out."""


class ServingError(ProjectError):
    """An error of a request; the response has this code and status."""

    code = "InternalError"
    status = 500

    def __init_subclass__(cls, code: str = "", status: int = 0) -> None:
        """Give a subclass its own code and status, or else those of its parent."""
        cls.code, cls.status = code or cls.code, status or cls.status


class RequestError(ServingError, code="InvalidInput", status=400):
    """A request is refused, because the client can fix it."""


class UnsupportedMediaType(RequestError, code="UnsupportedMediaType", status=415):
    """The content type of a request is not supported."""


class NotAcceptable(UnsupportedMediaType, status=406):
    """A request accepts no supported content type."""


class PayloadTooLarge(RequestError, code="PayloadTooLarge", status=413):
    """A request has more bytes or items than allowed."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most similar to an unknown one, or "" if none is near."""
    from difflib import get_close_matches  # which a cold start of Lambda does not need

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.72)), "")


def did_you_mean(match: str) -> str:
    """Return the part of a message that suggests a match, if there is one."""
    return f"; did you mean {match}?" if match else ""


def is_name(text: str) -> bool:
    """Return whether a message may show a string of a file or a request: an identifier.

    Texts, which may be in the place of a name, have spaces, other characters, or greater length.
    """
    return _NAME.fullmatch(text) is not None


def name_list(names: Sequence[str], form: Callable[[str], str] = str) -> str:
    """Return up to ten names that a message may show, and the number of the others."""
    shown = [form(name) for name in names if is_name(name)][:_SHOWN]
    hidden = len(names) - len(shown)
    parts = (", ".join(shown), f"({hidden} not shown)" if hidden else "")
    return " ".join(part for part in parts if part)


def one_line(error: BaseException) -> str:
    """Return the type and message of an error on one line, cut after 200 characters.

    The repr of a UnicodeDecodeError would have the whole file.
    """
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")[:_LONGEST]


def without_texts(error: BaseException) -> str:
    """Return the type and message of an error, with quoted values that may be texts left out."""
    return f"{type(error).__name__}: {re.sub(_QUOTED, _redacted, str(error))}"


def _redacted(quoted: re.Match[str]) -> str:
    return quoted[0] if is_name(quoted[0][1:-1]) else "'...'"


def reason_of(error: object) -> str:
    """Return why a call to the system or the network failed, without the number of the error."""
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 file", "2 files", "2 classes"."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def sized(count: int) -> str:
    """Return a number of bytes in a short form: "0.3 kB", "22.8 MB"."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
