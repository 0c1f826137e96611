"""Many concurrent clients get correct predictions, and no process uses much memory."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local_aws.tests.stages import processes_of
from tests.chaos.conftest import ROUGH
from tests.chaos.load import Client, count_results

CLIENTS, REQUESTS = 8, 500
MOST_BYTES = 300 * 1024 * 1024  # of resident memory per process


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_endpoint_returns_correct_predictions_to_concurrent_clients(stage, endpoint, capsys):
    clients = [stage.client(endpoint, ROUGH) for _ in range(CLIENTS)]

    def ask_all(numbered: tuple[int, Client]) -> None:
        number, client = numbered
        for index in range(REQUESTS):
            client.ask((number * 37 + index) % stage.texts)

    with ThreadPoolExecutor(max_workers=CLIENTS) as pool:
        list(pool.map(ask_all, enumerate(clients)))
    results = count_results(clients)
    sizes = [process.memory_info().rss for process in processes_of(endpoint)]
    with capsys.disabled():
        megabytes = sorted(size // 2**20 for size in sizes)
        print(f"\n{dict(results)}; resident MB: {megabytes}")  # noqa: T201
    assert results == {ROUGH: CLIENTS * REQUESTS}
    assert max(sizes) < MOST_BYTES
