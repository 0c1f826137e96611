"""People draw digits and sketches on the page, or drop images."""

import io

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from newsgroup_classifier.datasets.files.images import gray_pixels
from tests.scripts.page.canned import DIGITS, OWN_IMAGES, CannedDeployments, prediction


@pytest.fixture
def digits(canned):
    """Return the requests of a playground with a model of digits."""
    canned.deployments = CannedDeployments(DIGITS)
    canned.deployments.answer = lambda request: [prediction() for _ in request["instances"]]
    return canned


def pixels_of(server) -> np.ndarray:
    """Return the last image that the model got."""
    (image,) = server.deployments.requests[-1]["instances"]
    return np.array(image)


def png(path, pixels: np.ndarray, mode: str = "L"):
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).convert(mode).save(buffer, "png")
    path.write_bytes(buffer.getvalue())
    return path


@pytest.mark.slow
def test_drawn_digit_is_sent_as_the_model_was_trained(browser, digits):
    browser.open(digits.url)
    canvas = browser.get("canvas")
    drawing = ActionChains(browser.driver).move_to_element_with_offset(canvas, -40, -100)
    drawing.click_and_hold().move_by_offset(0, 120).release().perform()
    browser.submit("image-form")
    image = pixels_of(digits)
    assert image.shape == (28, 28)
    assert image.max() > 200
    rows, columns = np.nonzero(image > 40)
    assert 18 <= rows.max() - rows.min() + 1 <= 22  # a stroke of 20 rows
    assert columns.max() - columns.min() <= 5
    assert abs(np.average(rows) - 13.5) <= 1  # in the middle, though it was drawn at the edge
    assert browser.text("label") == "right"
    assert "explain" not in digits.deployments.requests[-1]


@pytest.mark.slow
def test_blank_drawing_is_refused_without_a_request(browser, digits):
    browser.open(digits.url)
    browser.submit("image-form")
    assert browser.text("message") == "The drawing is blank. Draw something first."
    assert digits.deployments.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("gray", [0, 255])
def test_image_of_paper_alone_is_refused_without_a_request(browser, digits, tmp_path, gray):
    browser.open(digits.url)
    browser.drop(png(tmp_path / "paper.png", np.full((60, 40), gray)))
    browser.wait(lambda: browser.text("message"))
    assert browser.text("message") == "The image is blank. Choose another one."
    assert digits.deployments.requests == []


@pytest.mark.slow
def test_digit_is_drawn_with_the_keyboard(browser, digits):
    browser.open(digits.url)
    browser.get("canvas").send_keys(Keys.ARROW_UP)
    assert browser.get("pen").is_displayed()
    browser.get("canvas").send_keys(Keys.SPACE, *[Keys.ARROW_DOWN] * 9, Keys.SPACE, Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.settle()
    assert pixels_of(digits).max() > 200


@pytest.mark.slow
def test_second_finger_and_right_button_draw_nothing(browser, digits):
    browser.open(digits.url)
    canvas = browser.get("canvas")
    ActionChains(browser.driver).context_click(canvas).send_keys(Keys.ESCAPE).perform()
    browser.submit("image-form")
    assert browser.text("message") == "The drawing is blank. Draw something first."
    frame = browser.driver.execute_script("return arguments[0].getBoundingClientRect()", canvas)
    first, second = (
        [{"id": number, "x": frame["x"] + x, "y": frame["y"] + y} for y in (60, 220)]
        for number, x in enumerate((60, 220))
    )
    for kind, points in (
        ("touchStart", [first[0]]),
        ("touchStart", [first[0], second[0]]),
        ("touchMove", [first[1], second[1]]),
        ("touchEnd", []),
    ):
        touch = {"type": kind, "touchPoints": points}
        browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", touch)
    browser.submit("image-form")
    _, columns = np.nonzero(pixels_of(digits) > 40)
    assert columns.max() - columns.min() <= 5  # one stroke


@pytest.mark.slow
def test_image_of_the_data_set_is_sent_pixel_by_pixel(browser, digits, tmp_path):
    image = np.zeros((28, 28))
    image[4:24, 13:16] = np.arange(60).reshape(20, 3) * 4
    browser.open(digits.url)
    browser.drop(png(tmp_path / "digit.png", image))
    browser.settle()
    assert pixels_of(digits).tolist() == image.tolist()


@pytest.mark.slow
def test_scan_of_dark_ink_is_inverted_and_scaled(browser, digits, tmp_path):
    scan = np.full((300, 200), 250)
    scan[100:200, 90:110] = 20
    browser.open(digits.url)
    browser.drop(png(tmp_path / "scan.png", scan, "RGBA"))
    browser.settle()
    image = pixels_of(digits)
    assert image[14, 14] > 200
    assert image[0].max() < 20


@pytest.mark.slow
def test_light_ink_on_black_is_inverted_in_an_image_that_is_not_square(browser, digits, tmp_path):
    image = np.zeros((60, 28))
    image[10:50, 12:16] = 255
    browser.open(digits.url)
    browser.drop(png(tmp_path / "tall.png", image))
    browser.settle()
    ink = pixels_of(digits) > 40
    assert ink.sum(axis=0).max() == 20  # the stroke fills the height that a drawing has
    assert ink.sum(axis=1).max() <= 4  # and what is beside it is paper


@pytest.mark.slow
def test_model_of_own_images_gets_them_as_it_was_trained(browser, canned, tmp_path):
    canned.deployments = CannedDeployments(OWN_IMAGES)
    photo = np.full((300, 200), 250)
    photo[100:200, 90:110] = 20
    path = png(tmp_path / "photo.png", photo)
    browser.open(canned.url)
    browser.drop(path)
    browser.settle()
    assert pixels_of(canned).tolist() == gray_pixels(path.read_bytes(), "x").tolist()
    browser.get("canvas").send_keys(Keys.SPACE, *[Keys.ARROW_DOWN] * 9, Keys.SPACE, Keys.TAB)
    browser.submit("image-form")
    drawn = pixels_of(canned)
    assert drawn.shape == (28, 28)
    assert drawn.max() > 200  # the paper stays white
    assert drawn.min() < 50


@pytest.mark.slow
def test_photo_of_seven_megabytes_is_sent_and_a_file_beyond_the_limit_is_not(
    browser, digits, tmp_path
):
    path = png(tmp_path / "photo.png", np.eye(28) * 255)
    with path.open("ab") as file:
        file.write(b"\0" * 7_000_000)
    browser.open(digits.url)
    browser.drop(path)
    browser.settle()
    assert browser.text("label") == "right"
    with path.open("ab") as file:
        file.truncate(100_000_001)
    browser.drop(path)
    browser.settle()
    assert browser.text("message") == (
        "The image has 100,000,001 bytes; this page sends at most 100,000,000."
    )


@pytest.mark.slow
def test_dropped_file_that_is_no_image_is_refused_and_takes_the_prediction_away(
    browser, digits, tmp_path
):
    path = tmp_path / "notes.txt"
    path.write_text("not an image", encoding="utf-8")
    browser.open(digits.url)
    browser.drop(png(tmp_path / "digit.png", np.eye(28) * 255))
    browser.wait(lambda: browser.get("result").is_displayed())
    browser.drop(path)
    browser.wait(lambda: browser.text("message"))
    assert "not a complete PNG or JPEG image" in browser.text("message")
    assert not browser.get("result").is_displayed()
