"""The errors of the project, all of them mendable by whoever reads the message.

ProjectError
├── DataError               a data set or a channel is missing, broken, or not what it should be
│   └── DataUnavailable         it is not on this machine, and cannot be fetched
├── HyperparameterError     a hyperparameter is unknown or out of its range
├── TrainingError           a training job cannot go on: a foreign checkpoint, a worker that ended
├── ArtifactError           a model folder is incomplete, changed, or made by other versions
├── DeploymentError         what a script asked of AWS cannot be done, and why
└── RequestError            a serving stage refuses a request              400 InvalidInput
    ├── UnsupportedMediaType    its content type is not one of those       415
    │   └── NotAcceptable       it accepts no content type of ours         406
    └── PayloadTooLarge         it has more bytes or items than allowed    413

A message says what is wrong, where, what was got, what was expected, and what to do.
"""

from collections.abc import Callable


class ProjectError(Exception):
    """The root: caught at the edge of every program, printed as one line."""


class DataError(ProjectError):
    """A data set or a channel cannot be used."""


DataErrorFactory = Callable[[str], DataError]  # makes the error about a file from the reason


class DataUnavailable(DataError):
    """A data set is neither on this machine nor can it be fetched."""


class HyperparameterError(ProjectError):
    """A hyperparameter cannot be used."""


class TrainingError(ProjectError):
    """A training job cannot start or go on."""


class ArtifactError(ProjectError):
    """A model folder cannot be used."""


class DeploymentError(ProjectError):
    """Something asked of AWS cannot be done."""


class RequestError(ProjectError):
    """A request that a serving stage refuses, with the code and status of the answer."""

    code = "InvalidInput"
    status = 400


class UnsupportedMediaType(RequestError):
    """The content type of a request is not accepted."""

    code = "UnsupportedMediaType"
    status = 415


class NotAcceptable(UnsupportedMediaType):
    """No content type that a request accepts can be answered."""

    status = 406


class PayloadTooLarge(RequestError):
    """A request has more bytes or items than a stage takes."""

    code = "PayloadTooLarge"
    status = 413
