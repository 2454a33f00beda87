from __future__ import annotations

from django.dispatch import Signal

# A user may have lost rights: a new password, or deactivated. Sent with ``user_id``.
access_changed = Signal()
