"""Jobs that wait for one another, several at a time: what is done is the same, however many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait


def side_by_side[Key: Hashable, Done](
    waits_for: Mapping[Key, Collection[Key]],
    work: Callable[[Key], Done],
    on_done: Callable[[Key, Done], None],
    *,
    threads: Mapping[str, int],
    lane: Callable[[Key], str],
    cost: Callable[[Key], float] = lambda key: 1.0,
) -> None:
    """Do every job once all that it waits for are done; `on_done` is called in the thread of old.

    `waits_for` names the jobs in an order in which they could be done one by one. Each `lane` of
    jobs has so many `threads`; those begin first behind which most is left to do, as `cost` has it.
    Nothing that waits for a job begins before `on_done` has returned from it. When a job fails
    none begins any more, those that run are waited for, and the error of the first of them in the
    order is raised.
    """
    with ThreadPoolExecutor(sum(threads.values()), "step") as pool:
        _Jobs(waits_for, work, on_done, pool, threads, lane, cost).run()


def one_by_one[Key: Hashable, Done](
    waits_for: Mapping[Key, Collection[Key]],
    work: Callable[[Key], Done],
    on_done: Callable[[Key, Done], None],
) -> None:
    """Do the same in the order given, in this thread."""
    for key in waits_for:
        on_done(key, work(key))


class _Jobs[Key: Hashable, Done]:
    """Jobs that are open, and those that run."""

    def __init__(
        self,
        waits_for: Mapping[Key, Collection[Key]],
        work: Callable[[Key], Done],
        on_done: Callable[[Key, Done], None],
        pool: ThreadPoolExecutor,
        threads: Mapping[str, int],
        lane: Callable[[Key], str],
        cost: Callable[[Key], float],
    ) -> None:
        self.work, self.on_done, self.pool, self.lane = work, on_done, pool, lane
        self.free = dict(threads)
        self.order = list(waits_for)
        self.missing = {key: set(before) for key, before in waits_for.items()}
        left = _left(waits_for, cost)
        self.open = sorted(waits_for, key=lambda key: -left[key])
        self.running: dict[Future[Done], Key] = {}
        self.failed: dict[Key, BaseException] = {}

    def run(self) -> None:
        """Do them all."""
        while self.open or self.running:
            if not self.failed:
                self._begin()
            if not self.running:
                break
            for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                self._end(future)
        if self.failed:
            raise self.failed[min(self.failed, key=self.order.index)]

    def _begin(self) -> None:
        """Start as many as there are threads."""
        for key in [key for key in self.open if not self.missing[key]]:
            if self.free[self.lane(key)]:
                self.free[self.lane(key)] -= 1
                self.open.remove(key)
                self.running[self.pool.submit(self.work, key)] = key

    def _end(self, future: Future[Done]) -> None:
        key = self.running.pop(future)
        self.free[self.lane(key)] += 1
        if (error := future.exception()) is not None:
            self.failed[key] = error
            return
        self.on_done(key, future.result())
        for before in self.missing.values():
            before.discard(key)


def _left[Key: Hashable](
    waits_for: Mapping[Key, Collection[Key]], cost: Callable[[Key], float]
) -> dict[Key, float]:
    """Sum the costs from each job on, along the longest way to the end."""
    left = {key: cost(key) for key in waits_for}
    for key in reversed(list(waits_for)):
        for before in waits_for[key]:
            left[before] = max(left[before], cost(before) + left[key])
    return left
