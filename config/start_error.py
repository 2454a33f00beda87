from __future__ import annotations


class StartError(SystemExit):
    """Ferry cannot start: one line for the operator on stderr, exit status 1, no traceback.

    A ``SystemExit``, because manage.py, daphne and celery load the settings in three ways and print
    a traceback for everything else.
    """
