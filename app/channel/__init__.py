"""The local channel: how the command line, scripts and a second start talk to the running instance.

`server` lives on the engine's loop, `client` is synchronous; `frames` is what travels between them, `unix` and
`windows` are how it travels. Only this user's processes are heard, frames are typed and size-limited.
"""

from app.channel.client import ChannelClient
from app.channel.errors import ChannelError

__all__ = ["ChannelClient", "ChannelError"]
