"""Dialogs over the main page. All close without a trace when the window is locked."""
