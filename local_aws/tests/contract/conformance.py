"""Write docs/conformance.md: `python -m local_aws.tests.contract.conformance`."""

from local_aws.tests.contract.marks import ROOT, MarkedTest, marked_tests
from local_aws.tests.contract.observation import HOW_KNOWN, Observation, Section
from local_aws.tests.contract.observations import OBSERVATIONS, SECTIONS

DOCUMENT = ROOT / "docs" / "conformance.md"
_HEAD = """# Conformance

What is known of SageMaker and its containers, and the tests that show that the local AWS does the
same, or refuses it by name. Written by `make conformance` from tests/contract; a test fails when it
is out of date. Nothing here was seen in an AWS account.

How it is known:

{known}

{count} observations; {tested} have a test, {untested} say why none can show them. Tests marked
slow or toolkit run in `make test-all` only.
"""


def document(tests: list[MarkedTest]) -> str:
    """Return the document for the marked tests."""
    known = "\n".join(f"- **{name}**: {text}" for name, text in HOW_KNOWN.items())
    shown = {name for test in tests for name in test.observes}
    head = _HEAD.format(
        known=known,
        count=len(OBSERVATIONS),
        tested=sum(item.id in shown for item in OBSERVATIONS),
        untested=sum(bool(item.untested) for item in OBSERVATIONS),
    )
    return "\n".join([head, *(_section(section, tests) for section in SECTIONS)])


def _section(section: Section, tests: list[MarkedTest]) -> str:
    rows = [
        f"| `{item.id}` | {_cell(item.text)} | {item.known} | {_tests_of(item, tests)} |"
        for item in section.observations
    ]
    head = ["| id | observation | known | tests |", "|---|---|---|---|"]
    return "\n".join([f"## {section.title}", "", *head, *rows, ""])


def _tests_of(observation: Observation, tests: list[MarkedTest]) -> str:
    names = [
        f"`{test.path}::{test.name}`" + "".join(f" ({m})" for m in test.long)
        for test in tests
        if observation.id in test.observes
    ]
    if observation.untested:
        names.append(f"none: {_cell(observation.untested)}")
    return "<br>".join(names) or "**none yet**"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    DOCUMENT.write_text(document(marked_tests()), encoding="utf-8")
