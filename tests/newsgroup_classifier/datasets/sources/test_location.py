"""Published files come from the data folder, the cache or the publisher, whole or not at all."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from newsgroup_classifier.datasets.sources.location import (
    PublishedFile,
    cache_dir,
    data_folder,
    locate,
)
from newsgroup_classifier.errors import DataError, DataUnavailable

CONTENT = b"a published file " * 10_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(BaseHTTPRequestHandler):
    """Answers /whole, /cut short, /garbage, and 404 to the rest; counts what it was asked."""

    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        if self.path == "/garbage":
            self.wfile.write(b"no HTTP at all\r\n\r\n")
            return
        if self.path not in ("/whole", "/cut"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/whole" else CONTENT[:1000])

    def log_message(self, format, *args):
        """Keep the test's output clean."""


@contextmanager
def published() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (Publisher,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.fixture
def publisher():
    """Serve on a loopback port; give its address and the list of paths asked for."""
    with published() as served:
        yield served


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """Set an empty cache, no data folder, and no proxy."""
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def file_at(url, sha256=SHA256):
    return PublishedFile("news", "posts.tar.gz", url, sha256)


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def closed_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def test_locate_with_a_data_folder_gives_the_file_in_it(tmp_path):
    path = tmp_path / "news" / "posts.tar.gz"
    path.parent.mkdir()
    path.touch()
    assert locate(file_at("http://unused"), tmp_path) == path


def test_locate_with_the_environment_naming_a_data_folder_gives_the_file_in_it(
    monkeypatch, tmp_path
):
    path = tmp_path / "news" / "posts.tar.gz"
    path.parent.mkdir()
    path.touch()
    monkeypatch.setenv("DATASETS_DIR", str(tmp_path))
    assert locate(file_at("http://unused")) == path


def test_locate_with_a_data_folder_without_the_file_names_both_and_asks_no_one(tmp_path, publisher):
    address, asked = publisher
    with pytest.raises(DataError) as caught:
        locate(file_at(f"{address}/whole"), tmp_path)
    path = tmp_path / "news" / "posts.tar.gz"
    assert str(caught.value).startswith(
        f"posts.tar.gz is not in the data folder: {path} is missing. Put the file"
    )
    assert asked == []


@pytest.mark.parametrize("setting", ["DATASETS_DIR", "--data-dir"])
def test_a_data_folder_that_is_not_there_is_named_with_its_setting(tmp_path, monkeypatch, setting):
    missing = tmp_path / "nope"
    monkeypatch.setenv("DATASETS_DIR", str(missing if setting == "DATASETS_DIR" else tmp_path))
    with pytest.raises(DataError, match=f"there is no folder {missing}, which {setting} names"):
        data_folder(missing if setting == "--data-dir" else None)


def test_locate_without_a_data_folder_downloads_into_the_cache(publisher):
    address, _ = publisher
    path = locate(file_at(f"{address}/whole"))
    assert path == cache_dir() / "news" / "posts.tar.gz"
    assert path.read_bytes() == CONTENT


def test_locate_of_a_downloaded_file_leaves_nothing_else_in_the_cache(publisher, cache):
    address, _ = publisher
    path = locate(file_at(f"{address}/whole"))
    assert files_below(cache) == [path]


def test_locate_twice_downloads_once(publisher):
    address, asked = publisher
    first, second = (locate(file_at(f"{address}/whole")) for _ in range(2))
    assert (first, asked) == (second, ["/whole"])


def test_locate_of_a_file_with_another_sha256_throws_it_away(publisher, cache):
    address, _ = publisher
    with pytest.raises(DataError) as caught:
        locate(file_at(f"{address}/whole", sha256="0" * 64))
    assert f"gave a file with sha256 {SHA256}; expected {'0' * 64}" in str(caught.value)
    assert files_below(cache) == []


@pytest.mark.parametrize("sha256", [SHA256, None])
def test_locate_of_a_download_cut_short_throws_it_away(publisher, cache, sha256):
    address, _ = publisher
    with pytest.raises(DataError, match=f"gave 1000 of {len(CONTENT)} bytes"):
        locate(file_at(f"{address}/cut", sha256))
    assert files_below(cache) == []


@pytest.mark.parametrize("path", ["garbage", "none"])
def test_locate_with_a_publisher_that_fails_says_what_to_do(publisher, cache, path):
    address, _ = publisher
    with pytest.raises(DataUnavailable) as caught:
        locate(file_at(f"{address}/{path}"))
    said = str(caught.value)
    assert f"{address}/{path} cannot be reached" in said
    assert "Set DATASETS_DIR to a folder with news/posts.tar.gz" in said
    assert files_below(cache) == []


def test_locate_without_data_and_network_says_what_to_do(cache):
    with pytest.raises(DataUnavailable) as caught:
        locate(file_at(f"http://127.0.0.1:{closed_port()}/file"))
    said = str(caught.value)
    assert said.startswith("posts.tar.gz is neither in a data folder nor in the cache")
    assert "Connection refused" in said
    assert files_below(cache) == []


def test_cache_dir_without_xdg_cache_home_is_below_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "newsgroup-classifier"
