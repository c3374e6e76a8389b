"""Why a statement is not taken. A peer never learns which; a caller who makes statements does."""


class Refused(Exception):
    """A statement that its author had no right to make, or that makes no sense in its own causal past."""


class NotAllowed(Exception):
    """A request to make a statement that everybody else would refuse."""


class LastAdmin(NotAllowed):
    """Nobody could admit or revoke any more."""
