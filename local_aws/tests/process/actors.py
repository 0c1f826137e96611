"""Actors that do something at the same time, for tests of histories."""

import threading
from collections.abc import Callable


def act_together(count: int, act: Callable[[int], None]) -> list[Exception]:
    """Let actors act by their numbers, each in a thread; return the errors that ended them."""
    failures: list[Exception] = []

    def guarded(number: int) -> None:
        try:
            act(number)
        except Exception as error:
            failures.append(error)

    actors = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for actor in actors:
        actor.start()
    for actor in actors:
        actor.join()
    return failures
