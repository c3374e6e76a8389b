"""A device that logs everything that can be logged: every package, every level, asyncio's own remarks.

`python -P tests/scenarios/debugging.py ARGUMENTS...`. There is no such option in the product; a developer's habit must
not bring out what people write either.
"""

import logging
import sys

from app import log
from app.__main__ import main

if __name__ == "__main__":
    set_up = log.set_up

    def loud(folder: object, level: int = logging.DEBUG) -> None:
        """As the product does, but everything."""
        set_up(folder, logging.DEBUG)  # type: ignore[arg-type]
        logging.getLogger().setLevel(logging.DEBUG)

    log.set_up = loud
    raise SystemExit(main(sys.argv[1:]))
