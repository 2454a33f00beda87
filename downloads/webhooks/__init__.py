"""Webhooks: queued deliveries are claimed, signed, sent and settled, until they have arrived.

The rows come from ``outbox``; nothing here needs Redis. A message is sent at least once: a process
killed between the answer and its row sends it again, under the same id.
"""
