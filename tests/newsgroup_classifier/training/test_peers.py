"""A worker reads the addresses of the others from TF_CONFIG, and notices when one is gone."""

import json
import queue
import socket

import pytest

from newsgroup_classifier.training.peers import PeerWatch, Waits, answers, read_workers

TWO = {"cluster": {"worker": ["algo-1:8890", "algo-2:8890"]}, "environment": "cloud"}
QUICK = Waits(pause=0.01, grace=0.0, joining=0.3)


@pytest.fixture
def peer():
    """Listen on a local port; return the socket and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening, f"127.0.0.1:{listening.getsockname()[1]}"


def test_read_workers_returns_the_addresses_and_the_own_index():
    config = json.dumps(TWO | {"task": {"type": "worker", "index": 1}})
    assert read_workers(config) == (["algo-1:8890", "algo-2:8890"], 1)


@pytest.mark.parametrize("config", ["", "{}", '{"cluster": {}}'])
def test_read_workers_without_a_cluster_returns_no_addresses(config):
    assert read_workers(config) == ([], 0)


def test_peer_watch_reports_a_worker_that_ended(peer):
    listening, address = peer
    reports = queue.Queue()
    watch = PeerWatch([address], reports.put, Waits(pause=0.01, grace=0.0))
    watch.start()
    listening.accept()[0].close()  # the worker was seen
    listening.close()
    assert f"at {address}, has ended or cannot be reached" in reports.get(timeout=30)


def test_peer_watch_reports_a_worker_that_never_joined(peer):
    listening, address = peer
    listening.close()
    reports = queue.Queue()
    PeerWatch([address], reports.put, QUICK).start()
    assert f"at {address}, did not join within 0.3 seconds" in reports.get(timeout=30)


def test_stopped_peer_watch_reports_nothing(peer):
    listening, address = peer
    listening.close()
    reports = queue.Queue()
    watch = PeerWatch([address], reports.put, QUICK)
    watch.stop()
    watch.start()
    with pytest.raises(queue.Empty):
        reports.get(timeout=1)


def test_answers_returns_whether_a_port_accepts_connections(peer):
    listening, address = peer
    assert answers(address)
    listening.close()
    assert not answers(address)
