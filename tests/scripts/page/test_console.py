"""The page of the local AWS, in a real browser."""

import time
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


@pytest.mark.slow
def test_page_of_an_earlier_start_asks_to_be_reloaded(browser, account):
    browser.look(1400, "light")
    browser.driver.get(f"{account.aws.url}/_local_aws")
    browser.driver.execute_script("document.querySelector('meta[name=token]').content = 'earlier'")
    message = "The local AWS was started again. Reload this page."
    browser.wait(lambda: browser.text("state") == message)
    browser.driver.refresh()
    browser.wait(lambda: browser.text("state") == "Updated every 3 seconds.")


@pytest.mark.slow
def test_lines_that_come_late_are_not_shown_as_those_of_another_log(browser, account):
    account.logs.create_log_group(logGroupName="empty")
    browser.look(1400, "light")
    browser.driver.get(f"{account.aws.url}/_local_aws")
    browser.wait(lambda: "empty" in browser.text("tables"))
    browser.driver.execute_script(
        "const send = fetch; window.fetch = async (...request) => {"
        "  const response = await send(...request);"
        "  if (/TrainingJobs/.test(request[0])) await new Promise((end) => setTimeout(end, 700));"
        "  return response;"
        "}"
    )
    for group in ("/aws/sagemaker/TrainingJobs", "empty"):
        browser.driver.find_element("xpath", f"//button[.='{group}']").click()
    browser.wait(lambda: browser.text("lines") == "No lines.")
    time.sleep(1)
    assert (browser.text("log-title"), browser.text("lines")) == ("empty", "No lines.")
