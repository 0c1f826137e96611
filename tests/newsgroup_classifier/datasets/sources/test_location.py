"""Published files come from the data folder, the cache, or the publisher, only if complete."""

import errno
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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
    """Serve /whole, a truncated /cut, an invalid /garbage, and 404 otherwise; record the paths."""

    requested: list[str]

    def do_GET(self):
        self.requested.append(self.path)
        if self.path == "/garbage":
            self.wfile.write(b"not HTTP\r\n\r\n")
            return
        if self.path not in ("/whole", "/cut"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/whole" else CONTENT[:1000])

    def log_message(self, format, *args):
        """Log nothing, to keep the test output clean."""


@contextmanager
def published() -> Iterator[tuple[str, list[str]]]:
    requested: list[str] = []
    handler = type("Handler", (Publisher,), {"requested": requested})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requested
        server.shutdown()


@pytest.fixture
def publisher():
    """Serve on a loopback port; return the address and the list of requested paths."""
    with published() as served:
        yield served


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """Configure an empty cache, no data folder, and no proxy."""
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def file_at(url, sha256=SHA256):
    return PublishedFile("news", ("posts.tar.gz",), "", url, sha256)


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def closed_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@pytest.mark.parametrize("option", ["DATASETS_DIR", "--data-dir"])
def test_locate_with_a_data_folder_returns_the_file_in_it(tmp_path, monkeypatch, option):
    path = tmp_path / "news" / "posts.tar.gz"
    path.parent.mkdir()
    path.touch()
    if option == "DATASETS_DIR":
        monkeypatch.setenv(option, str(tmp_path))
    assert locate(file_at("http://unused"), tmp_path if option == "--data-dir" else None) == path


def test_locate_with_a_data_folder_without_the_file_names_both_and_downloads_nothing(
    tmp_path, publisher
):
    address, requested = publisher
    with pytest.raises(DataError) as caught:
        locate(file_at(f"{address}/whole"), tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'news'} has no posts.tar.gz. Download {address}/whole, and put it there, or "
        "omit --data-dir and DATASETS_DIR."
    )
    assert requested == []


@pytest.mark.parametrize("option", ["DATASETS_DIR", "--data-dir"])
def test_data_folder_that_does_not_exist_is_named_with_its_option(tmp_path, monkeypatch, option):
    missing = tmp_path / "nope"
    monkeypatch.setenv("DATASETS_DIR", str(missing if option == "DATASETS_DIR" else tmp_path))
    with pytest.raises(DataError, match=f"the folder {missing} in {option} does not exist"):
        data_folder(missing if option == "--data-dir" else None)


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
    address, requested = publisher
    first, second = (locate(file_at(f"{address}/whole")) for _ in range(2))
    assert (first, requested) == (second, ["/whole"])


def test_locate_of_a_file_with_another_sha256_deletes_it(publisher, cache):
    address, _ = publisher
    with pytest.raises(DataError) as caught:
        locate(file_at(f"{address}/whole", sha256="0" * 64))
    assert f"the sha256 {SHA256}, which was deleted; expected {'0' * 64}" in str(caught.value)
    assert files_below(cache) == []


@pytest.mark.parametrize("sha256", [SHA256, None])
def test_locate_of_a_truncated_download_deletes_it(publisher, cache, sha256):
    address, _ = publisher
    with pytest.raises(DataError, match=f"returned 1000 of {len(CONTENT)} bytes"):
        locate(file_at(f"{address}/cut", sha256))
    assert files_below(cache) == []


@pytest.mark.parametrize("path", ["garbage", "none"])
def test_locate_when_the_download_fails_says_what_to_do(publisher, cache, path):
    address, _ = publisher
    with pytest.raises(DataUnavailable) as caught:
        locate(file_at(f"{address}/{path}"))
    message = str(caught.value)
    assert f"downloading {address}/{path} failed" in message
    assert "Set DATASETS_DIR to a folder with news/posts.tar.gz" in message
    assert files_below(cache) == []


def test_locate_without_data_or_network_says_what_to_do(cache):
    with pytest.raises(DataUnavailable) as caught:
        locate(file_at(f"http://127.0.0.1:{closed_port()}/file"))
    message = str(caught.value)
    assert message.startswith("posts.tar.gz is neither in a data folder nor in the cache")
    assert "failed (Connection refused). Set DATASETS_DIR" in message
    assert message.endswith("small generated corpus instead (upload-data --generated-sample).")
    assert files_below(cache) == []


def test_cache_dir_without_xdg_cache_home_is_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "newsgroup-classifier"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, on Linux only")
def test_download_to_a_full_disk_names_the_folder_and_does_not_blame_the_network(publisher, cache):
    address, _ = publisher
    file = file_at(f"{address}/whole")
    folder = cache / "newsgroup-classifier" / file.folder
    folder.mkdir(parents=True)
    (folder / f"posts.tar.gz.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(OSError) as caught:
        locate(file)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(folder))
    assert list(folder.iterdir()) == []
