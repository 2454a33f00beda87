"""The classes of the matrix, each with its faults.

Three have no file here: hosts that are cut off need network namespaces (`tests/faults/hosts`), a
full or read-only disk needs a small one (`tests/faults/test_engine_writer.py`), and the wild has
its corpus (`tests/field`).
"""

from __future__ import annotations

from tests.faults.rounds.classes import (
    address,
    broker,
    cancel_and_pause,
    clock,
    database,
    delivery,
    duplicates,
    ledger_and_storage,
    leftovers,
    parsers,
    poison,
    sockets,
    source_abuses,
    source_breaks,
    start,
    storage,
    user_races,
    worker_dies,
    worker_stalls,
    worker_stops,
)

CLASSES = {
    module.__name__.rpartition(".")[2].replace("_", " "): module.FAULTS
    for module in (
        worker_dies,
        worker_stalls,
        worker_stops,
        poison,
        broker,
        duplicates,
        database,
        clock,
        user_races,
        cancel_and_pause,
        source_breaks,
        source_abuses,
        address,
        parsers,
        storage,
        delivery,
        sockets,
        leftovers,
        ledger_and_storage,
        start,
    )
}
