"""Opaque bytes between devices. Knows neither the app nor its cryptography: the checks are injected."""
