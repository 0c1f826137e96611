"""Take the screenshots of the README: the page to try a model, and the report of its training.

    DATASETS_DIR=<folder> python -m benchmarks.reproduction.pictures

It trains and deploys newsgroups-naive-bayes in a local AWS of its own, and needs Debian's packages
chromium and chromium-driver. It takes two minutes.
"""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from benchmarks import account
from benchmarks.reproduction.steps import ROOT
from scripts.account.aws import Aws
from scripts.account.local_aws import local_aws
from scripts.account.naming import DEFAULT_STACK
from scripts.page.server import PlaygroundServer

_RECIPE = "newsgroups-naive-bayes"
_WIDTH, _HEIGHT = 1280, 1120
_SECONDS = 60
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def main() -> int:
    """Take both screenshots; return the exit code."""
    docs = ROOT / "docs"
    post = (docs / "post.txt").read_text(encoding="utf-8")
    with local_aws() as url, tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        os.environ["AWS_ENDPOINT_URL"] = url
        account.script("setup")
        account.script("upload_data", "--recipe", _RECIPE)
        account.script("train", "--recipe", _RECIPE, "--approve")
        account.script("deploy", "--recipe", _RECIPE)
        report = Path(folder) / "report.html"
        account.script("report", "--recipe", _RECIPE, "--output", str(report))
        with _browser() as driver:
            driver.get(report.as_uri())
            driver.save_screenshot(str(docs / "report.png"))
            with _playground() as address:
                _classify(driver, address, post)
            driver.save_screenshot(str(docs / "playground.png"))
    return 0


@contextmanager
def _browser() -> Iterator[webdriver.Chrome]:
    """Start a browser without a window, in light colors."""
    options = webdriver.ChromeOptions()
    for flag in (*_FLAGS, f"--window-size={_WIDTH},{_HEIGHT}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        metrics = {"width": _WIDTH, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        yield driver
    finally:
        driver.quit()


@contextmanager
def _playground() -> Iterator[str]:
    """Serve the page to try models; give its address."""
    with PlaygroundServer(0, Aws(), DEFAULT_STACK) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()


def _classify(driver: webdriver.Chrome, address: str, text: str) -> None:
    """Type a text into the page, and wait for the words that mattered."""
    driver.get(address)
    wait = WebDriverWait(driver, _SECONDS)
    box = driver.find_element(By.ID, "text")
    wait.until(lambda _: box.is_displayed())
    box.send_keys(text)
    for _ in range(2):  # the first request warms the endpoint
        driver.find_element(By.CSS_SELECTOR, "#text-form .main").click()
        wait.until(lambda _: not driver.find_elements(By.CSS_SELECTOR, ".main:disabled"))
        wait.until(lambda _: driver.find_element(By.ID, "words").is_displayed())
    driver.execute_script("document.activeElement.blur(); scrollTo(0, 0);")


if __name__ == "__main__":
    sys.exit(main())
