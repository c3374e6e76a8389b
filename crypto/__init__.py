"""PX1 cryptography: pure functions and sans-IO state machines. No network, Qt, clock or file."""
