"""The worker's core: ledger to incidents, outbox to destinations, and alarms about ourselves.

Rules:
- One thread works on the database and the ledger; threads of senders and of reverse names get
  values and give values back.
- Everything may come again: what was done is known by touch, alert and delivery.
"""
