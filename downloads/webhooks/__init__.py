"""Webhooks: what is owed is claimed, signed, sent and settled, until it has arrived.

The rows come from ``outbox``; nothing here needs Redis. A message is sent at least once: who is
killed between the answer and its row sends it again, under the same id.
"""
