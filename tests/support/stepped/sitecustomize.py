"""For processes under libfaketime 0.9.10, which breaks ``time.sleep``.

Python sleeps until a moment of the monotonic clock; libfaketime takes it for one of the wall clock
(EINVAL), even if it is told to leave the monotonic clock alone. Waits with a limit are not touched.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
