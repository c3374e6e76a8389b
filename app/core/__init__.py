"""The deterministic messenger: inputs, `now`, randomness and an open transaction in; effects out.

No socket, thread, clock, Qt or database here. See `messenger.py` for the door.
"""
