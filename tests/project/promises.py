"""Write docs/reference/promises.md: `python -m tests.project.promises`."""

from local_aws.tests.contract.document import Contract
from local_aws.tests.contract.observation import read_sections
from tests.project.sources import ROOT

_HEAD = """# Promises

What the training jobs and serving stages of this project promise to their callers, and the tests
that show it. `make conformance` writes this page from `tests/project/promises.yaml`, and a test
fails if the page is out of date. The behavior of the AWS services themselves is on the
[conformance page](../../local_aws/docs/conformance.md) of the local AWS.
"""
CONTRACT = Contract(
    read_sections(ROOT / "tests" / "project" / "promises.yaml"),
    ROOT / "tests",
    ROOT / "docs" / "reference" / "promises.md",
    _HEAD,
)

if __name__ == "__main__":
    CONTRACT.write()
