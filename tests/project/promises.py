"""Write docs/reference/promises.md: `python -m tests.project.promises`."""

from local_aws.tests.contract.document import Contract
from local_aws.tests.contract.observation import Section, ours
from tests.project.sources import ROOT

_HEAD = """# Promises

What the training jobs and serving stages of this project promise to their callers, and the tests
that show it. `make conformance` writes this page from `tests/project/promises.py`, and a test fails
if the page is out of date. The behavior of the AWS services themselves is on the
[conformance page](../../local_aws/docs/conformance.md) of the local AWS.
"""
_SERVING = Section(
    "Serving stages",
    (
        ours("stages-charset", "Parameters such as `; charset=utf-8` change nothing."),
        ours("stages-one-row", "One row of CSV is one text and gets one prediction."),
        ours(
            "stages-accept",
            "Any Accept, including lists and wildcards, gets the best type we have.",
        ),
        ours("stages-wordless", "A text of which cleaning leaves nothing is still scored."),
        ours(
            "stages-error", "A refused request is a 4xx with a reason in JSON, never an HTML page."
        ),
        ours("stages-error-code", "An unknown content type is a 415, an unknown Accept a 406."),
        ours("stages-empty", "A blank body is a 400 with a reason."),
        ours("stages-response-type", "Every response of a stage names its content type itself."),
        ours(
            "stages-handover",
            "Features of more than 5 MB are a 413 that advises sending fewer texts.",
        ),
        ours(
            "stages-fault",
            "An internal fault is a 500 in JSON that quotes neither the text nor a traceback.",
        ),
        ours("stages-program", "Each stage is named by module, without a slash."),
        ours(
            "stages-functions",
            "Each stage defines all four functions, so that no default applies.",
        ),
        ours("stages-image", "A stage imports nothing that its image lacks."),
    ),
)
_TRAINING = Section(
    "Training jobs",
    (
        ours(
            "training-failure",
            "A training job that cannot succeed fails with one plain sentence of its own.",
        ),
        ours(
            "training-arguments",
            "Training accepts hyperparameters in the spelling of either launcher.",
        ),
    ),
)
CONTRACT = Contract(
    (_SERVING, _TRAINING), ROOT / "tests", ROOT / "docs" / "reference" / "promises.md", _HEAD
)

if __name__ == "__main__":
    CONTRACT.write()
