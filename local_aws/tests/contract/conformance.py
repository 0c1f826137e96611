"""Write docs/conformance.md: `python -m local_aws.tests.contract.conformance`."""

from pathlib import Path

from local_aws.tests.contract.document import Contract
from local_aws.tests.contract.observation import read_sections

_ROOT = Path(__file__).resolve().parents[2]
_HEAD = """# Conformance

What is known about the behavior of SageMaker and its containers, Lambda, HTTP APIs, and
CloudFormation, and the tests that show that the local AWS does the same or refuses it by name.
`python -m local_aws.tests.contract.conformance` writes this page from
`tests/contract/observations.yaml`, and a test fails if the page is out of date. None of this was
observed in an AWS account.

How each observation is known:

{known}

The page has {count} observations; {tested} have a test, and {untested} give the reason why no test
can show them. Tests marked slow or toolkit do not run with `-m "not slow and not toolkit"`.
"""
_SECTIONS = read_sections(Path(__file__).with_name("observations.yaml"))
CONTRACT = Contract(_SECTIONS, _ROOT / "tests", _ROOT / "docs" / "conformance.md", _HEAD)

if __name__ == "__main__":
    CONTRACT.write()
