"""People score the rows of a CSV file on the page, and save the result."""

import csv
import io
import re
from dataclasses import replace
from threading import Event

import pytest

from lambda_handler.errors import EndpointTimeout, NotFound, Throttled
from newsgroup_classifier.errors import PayloadTooLarge, RequestError
from tests.scripts.page.canned import TEXTS, CannedDeployments, prediction

HEADER = "id,text\r\n"


def score(browser, server, path, content: str, seconds: float = 60) -> list[list[str]]:
    """Drop a file with a content, score it, and return the rows of the saved file."""
    path.write_bytes(content.encode())
    return score_file(browser, server, path, seconds)


def score_file(browser, server, path, seconds: float = 60) -> list[list[str]]:
    """Drop a file, score it, and return the rows of the saved file."""
    browser.open(server.url)
    browser.drop(path)
    browser.wait(lambda: browser.get("table-form").is_displayed())
    browser.driver.find_element("css selector", "#table-form .main").click()
    browser.wait(lambda: browser.get("save").is_displayed(), seconds)
    return list(csv.reader(io.StringIO(browser.save("save"), newline="")))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.csv"


def test_rows_of_a_file_get_label_and_probability(browser, canned, path):
    content = f'{HEADER}1,"a ""quoted"", text\nof two lines"\r\n2,second\r\n'
    rows = score(browser, canned, path, content)
    assert rows == [
        ["id", "text", "label", "probability", "error"],
        ["1", 'a "quoted", text\nof two lines', "right", "0.75", ""],
        ["2", "second", "right", "0.75", ""],
    ]
    (request,) = canned.deployments.requests
    assert request == {"instances": ['a "quoted", text\nof two lines', "second"]}
    assert browser.text("rows") == "2 rows scored"


def test_file_of_column_names_alone_has_nothing_to_score_or_save(browser, canned, path):
    path.write_bytes(HEADER.encode())
    browser.open(canned.url)
    browser.drop(path)
    browser.wait(lambda: browser.get("table-form").is_displayed())
    assert browser.text("table-size") == "9 bytes"
    browser.submit("table-form")
    assert browser.text("message") == (
        "The file has no rows to score: its only row has the column names."
    )
    assert not browser.get("save").is_displayed()
    assert canned.deployments.requests == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("only\none\ncolumn\n", ["only", "one", "column"]),
        ("text\none\n\ntwo", ["one", "two"]),
        ("\ufefftext;id\none;1\n", ["one"]),
        ("id\ttext\n1\tone\r\n", ["one"]),
        ("a,b\n1,the longest column\n", ["the longest column"]),
        ("text\rone\r\rtwo\r", ["one", "two"]),  # line ends of old Macs
        ("id|text\n1|one,\n", ["one,"]),
        (f'1,"{"a; " * 20}"\n2,"b; c\n; d"\n', ["a; " * 20, "b; c\n; d"]),
        ("title,text\na,longer\n", ["longer"]),
        ("sep=|\nid|text\n1|one\n", ["one"]),
    ],
)
def test_header_delimiter_and_column_are_detected(browser, canned, path, content, texts):
    score(browser, canned, path, content)
    assert canned.deployments.requests[-1]["instances"] == texts


@pytest.mark.slow
def test_result_keeps_the_byte_order_mark_and_the_delimiter_of_the_file(browser, canned, tmp_path):
    path = tmp_path / "rows.tsv"
    rows = score(browser, canned, path, "\ufefftext\tid\nä|b\t1\n")
    assert browser.get("save").get_attribute("download") == "rows-scored.tsv"
    assert rows == [["\ufefftext\tid\tlabel\tprobability\terror"], ["ä|b\t1\tright\t0.75\t"]]


@pytest.mark.slow
def test_file_in_utf_16_is_read_and_its_result_is_utf_8(browser, canned, path):
    path.write_bytes("id\ttext\n1\tschön\n".encode("utf-16"))
    rows = score_file(browser, canned, path)
    assert canned.deployments.requests[-1]["instances"] == ["schön"]
    assert rows[1] == ["1\tschön\tright\t0.75\t"]


@pytest.mark.slow
def test_quoted_empty_text_is_a_row_and_a_blank_line_is_not(browser, canned, path):
    rows = score(browser, canned, path, 'text\n""\n \none\n')
    assert [row[-1] for row in rows] == ["error", "the text is empty", ""]


def test_broken_row_in_the_middle_is_skipped_and_named(browser, canned, path):
    lines = [f"{number},text {number}" for number in range(1, 100)]
    lines[49] = "50,one,column,too,many"
    lines[59] = "60,"
    lines[69] = '70,"a 5" screen"'  # the last quote opens nothing
    rows = score(browser, canned, path, HEADER + "\r\n".join(lines))
    assert len(rows) == 100
    assert rows[49][2:] == ["right", "0.75", ""]
    assert rows[50][-1] == "5 columns, expected 2"
    assert rows[60][-1] == "the text is empty"
    assert rows[70][-1] == "text follows a closing quote"
    assert browser.text("rows") == "96 rows scored, 3 rows skipped"
    assert "Row 51 was skipped: 5 columns, expected 2" in browser.text("broken")


@pytest.mark.slow
def test_row_that_the_model_refuses_is_skipped_and_the_others_are_scored(browser, canned, path):
    def answer(request):
        if "bad" in request["instances"]:
            raise RequestError(f"item {request['instances'].index('bad')} is an empty text")
        return [prediction() for _ in request["instances"]]

    canned.deployments.answer = answer
    rows = score(browser, canned, path, "text\none\nbad\ntwo\n")
    assert [row[1] for row in rows[1:]] == ["right", "", "right"]
    assert rows[2][-1] == "item 1 is an empty text"


@pytest.mark.slow
def test_batch_that_is_too_large_for_the_model_is_divided(browser, canned, path):
    def answer(request):
        if len(request["instances"]) > 2:
            raise PayloadTooLarge("the response is too large")
        return [prediction() for _ in request["instances"]]

    canned.deployments.answer = answer
    rows = score(browser, canned, path, "text\n" + "word\n" * 9)
    assert [row[1] for row in rows[1:]] == ["right"] * 9


@pytest.mark.slow
def test_batches_become_smaller_if_the_model_is_too_slow_for_them(browser, canned, path):
    def answer(request):
        if len(request["instances"]) > 200:
            raise EndpointTimeout("the endpoint texts did not respond within 20 s")
        return [prediction() for _ in request["instances"]]

    canned.deployments.answer = answer
    rows = score(browser, canned, path, "text\n" + "word\n" * 700)
    assert [row[1] for row in rows[1:]] == ["right"] * 700
    sizes = [len(request["instances"]) for request in canned.deployments.requests]
    assert sizes == [500, 250, 125, 125, 250, 125, 125, 125, 75]


@pytest.mark.slow
def test_response_that_lacks_predictions_ends_the_scoring(browser, canned, path):
    canned.deployments.answer = lambda _: [prediction()]
    rows = score(browser, canned, path, "text\none\ntwo\n")
    assert len(rows) == 1
    assert "stopped after 0 rows: The response does not have" in browser.text("message")


@pytest.mark.slow
def test_throttled_request_is_repeated(browser, canned, path):
    waits = iter([True, False])

    def answer(request):
        if next(waits):
            raise Throttled("try again later")
        return [prediction() for _ in request["instances"]]

    canned.deployments.answer = answer
    assert score(browser, canned, path, "text\none\n")[1][1] == "right"


@pytest.mark.slow
def test_quote_that_is_never_closed_ends_the_scoring_with_its_line(browser, canned, path):
    score(browser, canned, path, 'text\none\n"two\nthree\n')
    assert browser.text("message").endswith("the quote that opens in line 3 is never closed")


@pytest.mark.slow
def test_file_that_is_not_utf8_is_refused(browser, canned, path):
    path.write_bytes(b"text\none\n\xff\n")
    browser.open(canned.url)
    browser.drop(path)
    browser.settle()
    message = "The file is not UTF-8 text. Save it as UTF-8 and try again."
    assert browser.text("message") == message
    assert not browser.get("table-form").is_displayed()


@pytest.mark.slow
def test_bytes_that_are_not_utf8_end_the_scoring(browser, canned, path):
    path.write_bytes(b"text\none\n" + b"word\n" * 200_000 + b"\xff\n")
    browser.open(canned.url)
    browser.drop(path)
    browser.wait(lambda: browser.get("table-form").is_displayed())
    browser.driver.find_element("css selector", "#table-form .main").click()
    browser.wait(lambda: browser.text("message"))
    assert "the file is not UTF-8" in browser.text("message")


@pytest.mark.slow
def test_rows_before_a_model_was_deleted_can_be_saved(browser, canned, path):
    def answer(request):
        if len(canned.deployments.requests) > 1:
            raise NotFound("the endpoint texts was deleted")
        return [prediction() for _ in request["instances"]]

    canned.deployments.answer = answer
    rows = score(browser, canned, path, "text\n" + "word\n" * 900)
    assert len(rows) == 501
    assert "stopped after 500 rows: the endpoint texts was deleted" in browser.text("message")


def test_file_is_scored_to_its_end_by_its_model_whatever_is_dropped_or_deleted(
    browser, canned, path, tmp_path
):
    """The model is the second of the list, which a new list would no longer have."""
    other, may_answer = tmp_path / "other.csv", Event()
    other.write_text("text\nanother file\n", encoding="utf-8")
    path.write_text("text\n" + "word\n" * 900, encoding="utf-8")
    first = replace(TEXTS, target="first")
    canned.deployments = deployments = CannedDeployments(first, TEXTS)

    def answer(request):
        may_answer.wait(60)
        return [prediction()] * len(request["instances"])

    deployments.answer = answer
    browser.open(canned.url)
    browser.driver.find_elements("css selector", "#model option")[1].click()
    browser.drop(path)
    browser.wait(lambda: browser.get("table-form").is_displayed())
    try:
        browser.press("table-form")
        browser.wait(lambda: deployments.requests)
        browser.drop(other)
        deployments.deployments = [first]
        browser.get("reload").click()
        assert browser.text("table-name") == "rows.csv"
        assert not any(browser.get(name).is_enabled() for name in ("model", "reload", "close"))
    finally:
        may_answer.set()
    browser.wait(lambda: browser.get("save").is_displayed())
    assert browser.text("rows") == "900 rows scored"
    assert deployments.models == [TEXTS.id] * 2
    assert browser.get("save").get_attribute("download") == "rows-scored.csv"
    assert browser.get("reload").is_enabled()


def test_no_field_that_the_page_adds_is_a_formula_of_a_spreadsheet(browser, canned, path):
    def answer(request):
        if "bad" in request["instances"]:
            raise RequestError("@SUM(1)")
        return [prediction({text: 0.75}) for text in request["instances"]]

    canned.deployments.answer = answer
    formulas = ["=1", "+1", "-1", "@a", "\tb"]
    texts = [*formulas, "fine", "a=1", "bad"]
    _, *rows = score(browser, canned, path, "text\n" + "\n".join(f'"{text}"' for text in texts))
    assert [row[0] for row in rows] == texts  # the column of the user
    assert [row[1] for row in rows] == [*(f"'{formula}" for formula in formulas), "fine", "a=1", ""]
    assert rows[-1][-1] == "'@SUM(1)"


@pytest.mark.slow
@pytest.mark.parametrize(("count", "words"), [(100_000, 5), (10_000, 1000)])
def test_large_file_is_scored_in_bounded_batches(browser, canned, path, count, words):
    text = "word " * words  # 10,000 rows of 1,000 are 50 MB
    content = HEADER + "".join(f"{number},{text}{number}\r\n" for number in range(count))
    canned.deployments.answer = lambda request: [prediction()] * len(request["instances"])
    path.write_bytes(content.encode())
    browser.open(canned.url)
    browser.drop(path)
    browser.wait(lambda: browser.get("table-form").is_displayed())
    browser.driver.find_element("css selector", "#table-form .main").click()
    browser.wait(lambda: re.search("[1-9]", browser.text("rows")))
    assert 0 < float(browser.get("progress").get_property("value")) < 1
    browser.wait(lambda: browser.get("save").is_displayed(), 250)
    assert browser.text("rows") == f"{count:,} rows scored"
    requests = canned.deployments.requests
    assert max(len(request["instances"]) for request in requests) <= 500
    assert max(len(str(request)) for request in requests) < 1_000_000
    assert len(browser.save("save").splitlines()) == count + 1
