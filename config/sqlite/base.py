"""Django's SQLite backend, whose writers wait for each other in a queue.

SQLite has one writer at a time. Those who wait sleep for ever longer, up to 100 ms, and whichever
wakes first may write: forty threads lose most of the time asleep, and some wait until their time is
up (``database is locked``). Here SQLite is asked by one thread at a time, in the order of asking.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.sqlite3 import base

from config.sqlite.writer_queue import WriterQueue, queue_of

READS: Final = ("SELECT", "PRAGMA", "EXPLAIN", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


class QueueingCursor(base.SQLiteCursorWrapper):
    """A cursor that waits for its turn before a statement that writes outside a transaction."""

    queue: WriterQueue

    def execute(self, query: str, params: Any = None) -> Any:
        if self.connection.in_transaction or query.lstrip()[:9].upper().startswith(READS):
            return super().execute(query, params)
        with self.queue.turn():
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        if self.connection.in_transaction:
            return super().executemany(query, param_list)
        with self.queue.turn():
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    @property
    def _queue(self) -> WriterQueue:
        return queue_of(str(self.settings_dict["NAME"]))

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=QueueingCursor)
        cursor.queue = self._queue
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self._queue.join()
        self._has_turn = True
        try:
            with self._queue.asking():
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._end_turn()  # a commit that fails is rolled back by Django

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._queue.leave()
