"""Praxisfunk: the messenger itself. `core` decides, `store` keeps, `engine` runs, `ui` shows."""

__version__ = "0.1.0"
BUILD_DATE = "2026-11-23"
