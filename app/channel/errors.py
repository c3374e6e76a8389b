"""What can go wrong between a script and the running instance."""

from typing import ClassVar


class ChannelError(Exception):
    """The running instance could not be talked to. `code` is the code of the sentence that says so."""

    code: ClassVar[str] = "channel.failed"


class NotRunning(ChannelError):
    """No instance of this profile is running."""

    code = "not_running"


class ChannelInUse(ChannelError):
    """Another instance answers on this profile's channel already."""

    code = "channel.in_use"


class ChannelRefused(ChannelError):
    """The other side belongs to another user, or the folder does."""

    code = "channel.refused"


class ChannelBusy(ChannelError):
    """The instance has too many clients, or hung up before it answered."""

    code = "channel.busy"


class ChannelBroken(ChannelError):
    """Bytes that are no frame, beyond a limit, or of another version."""

    code = "channel.broken"


class ChannelTimeout(ChannelError):
    """No answer in time."""

    code = "channel.timeout"
