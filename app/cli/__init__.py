"""The command line: starts the messenger, or asks the running instance over the local channel. Never opens a store."""

from app.cli.entry import main
from app.cli.options import Code, StartOptions

__all__ = ["Code", "StartOptions", "main"]
