"""The demo: three devices on this machine, three processes, three profiles, real QUIC between them.

`stage` runs the processes, `play` is the conversation, `report` measures and tells. Nothing in here is part of the
messenger; it talks to it as any script does, over the local channel.
"""
