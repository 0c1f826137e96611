"""The page of the local AWS, in a real browser."""

from collections.abc import Iterator

import pytest

from local_aws.testing import running_local_aws
from local_aws.tests.account import Account


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """Return an account of a local AWS of its own, with a bucket, jobs, and their logs."""
    with running_local_aws("--instance-cpus", "1") as aws:
        account = Account(aws)
        account.run_job("print('the first line')")
        account.run_job("print('a line'); raise SystemExit(3)", status="Failed")
        yield account


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_of_the_local_aws_is_accessible_and_fits_the_window(browser, account, width, scheme):
    browser.look(width, scheme)
    browser.driver.get(f"{account.aws.url}/_local_aws")
    browser.wait(lambda: account.bucket in browser.text("tables"))
    jobs = browser.driver.find_element("css selector", "table[aria-label=Jobs]").text
    assert {"Completed", "Failed"} <= set(jobs.split())
    assert "ExitCode 3" in jobs
    browser.driver.find_element("xpath", "//button[.='/aws/sagemaker/TrainingJobs']").click()
    browser.wait(lambda: "the first line" in browser.text("lines"))
    assert browser.violations() == []
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width
