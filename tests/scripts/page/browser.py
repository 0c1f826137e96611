"""A real browser for tests of the page: Chromium, driven by Selenium."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PROGRAMS = ("chromium", "chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--no-proxy-server"),
)
SECONDS = 30
_AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
_FORGET = """
    document.getElementById("status").textContent = "";
    document.getElementById("message").hidden = true;
"""


def missing_browser() -> str:
    """Return why there is no browser, or "" if there is one."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not missing:
        return ""
    return (
        f"{' and '.join(missing)} not found; tests of the page need a browser. Install it with: "
        "apt-get install chromium chromium-driver"
    )


class Browser:
    """A browser that shows the page at an address."""

    def __init__(self, driver: webdriver.Chrome, downloads: Path) -> None:
        self.driver = driver
        self.downloads = downloads
        self.url = "http:"

    def open(self, url: str, width: int = 1400, scheme: str = "light") -> None:
        """Open an address, and wait until the page has listed its models."""
        self.url = url
        self.look(width, scheme)
        self.log()
        self.driver.get(url)
        self.wait(lambda: not self.get("reload").get_attribute("disabled"))

    def look(self, width: int, scheme: str) -> None:
        """Set the width of the window in pixels, and the color scheme."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def get(self, name: str) -> WebElement:
        """Return the element with an id."""
        return self.driver.find_element(By.ID, name)

    def text(self, name: str) -> str:
        """Return the visible text of the element with an id."""
        return self.get(name).text

    def wait(self, condition: Any, seconds: float = SECONDS) -> Any:
        """Wait until a condition holds; return its value."""
        return WebDriverWait(self.driver, seconds, 0.05).until(lambda _: condition())

    def settle(self, seconds: float = SECONDS) -> None:
        """Wait until the page has announced a prediction or shows a message."""
        waiting = ("", "Waiting for the prediction")

        def is_answered() -> bool:
            announced = self.get("status").get_attribute("textContent") not in waiting
            return announced or self.get("message").is_displayed()

        self.wait(is_answered, seconds)
        self.wait(lambda: not self.driver.find_elements(By.CSS_SELECTOR, ".main:disabled"), seconds)

    def paste(self, text: str) -> None:
        """Put a text of any length into the text box, as the clipboard would."""
        self.driver.execute_script(
            "const box = document.getElementById('text'); box.value = arguments[0];"
            "box.dispatchEvent(new Event('input', {bubbles: true}));",
            text,
        )

    def classify(self, text: str) -> None:
        """Paste a text and click on the button."""
        self.paste(text)
        self.submit()

    def submit(self, form: str = "text-form") -> None:
        """Click on the button of the text or drawing, and wait for its answer."""
        self.press(form)
        self.settle()

    def press(self, form: str) -> None:
        """Click on the main button of a form, and forget the answer on the page."""
        self.driver.execute_script(_FORGET)
        self.driver.find_element(By.CSS_SELECTOR, f"#{form} .main").click()

    def drop(self, path: Path) -> None:
        """Drop a file on the page, as a file manager does, and forget the answer on the page."""
        self.driver.execute_script(_FORGET)
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            event = {"type": kind, "x": 200, "y": 300, "data": data}
            self.driver.execute_cdp_cmd("Input.dispatchDragEvent", event)

    def save(self, name: str) -> str:
        """Click on a link that saves a file; return the content of the file."""
        path = self.downloads / str(self.get(name).get_attribute("download"))
        path.unlink(missing_ok=True)
        self.get(name).click()
        self.wait(path.exists)
        content = path.read_bytes().decode("utf-8")
        path.unlink()
        return content

    def violations(self) -> list[str]:
        """Return the rules of axe that the page breaks, with the elements."""
        self.driver.execute_script(_AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then((result) => done(result.violations));"
        )
        return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]

    def log(self) -> list[dict[str, Any]]:
        """Return the network requests of the page since the last call."""
        entries = [
            json.loads(each["message"])["message"] for each in self.driver.get_log("performance")
        ]
        return [
            each["params"]["request"]
            for each in entries
            if each["method"] == "Network.requestWillBeSent"
            and each["params"]["documentURL"].startswith(self.url)
        ]

    def errors(self) -> list[str]:
        """Return the messages of the console since the last call."""
        return [each["message"] for each in self.driver.get_log("browser")]

    def picture(self, path: Path) -> None:
        """Write a picture of the whole page."""
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        width = self.driver.execute_script("return innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        request = {"captureBeyondViewport": True, "clip": clip}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", request)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def running_browser(profile: Path, downloads: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile, and stop it."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = webdriver.ChromeService(executable_path=str(shutil.which("chromedriver")))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        behavior = {"behavior": "allow", "downloadPath": str(downloads)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", behavior)
        yield Browser(driver, downloads)
    finally:
        driver.quit()


def browser_or_skip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Yield a browser; without one, skip the test for users, and fail it in CI."""
    reason = missing_browser()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("browser")
    with running_browser(folder / "profile", folder) as browser:
        yield browser
