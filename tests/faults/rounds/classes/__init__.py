"""The classes of the matrix, each with its faults."""

from __future__ import annotations

from tests.faults.rounds.classes import (
    broker,
    clock,
    database,
    duplicates,
    ledger_and_storage,
    source_breaks,
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
        broker,
        duplicates,
        database,
        clock,
        user_races,
        source_breaks,
        storage,
        ledger_and_storage,
    )
}
