"""Circles and groups: signed statements in, one deterministic roster out (protocol sections 1, 10.8, 11).

`log.py` is the door (`CircleLog`, `GroupLog`), `roster.py` and `group.py` hold what callers look at, `authoring.py`
and `group_authoring.py` make statements, `gossip.py` brings them to others. Below them: `bodies.py` (formats),
`dag.py` (who comes before whom), `standing.py` (what counts), `facts.py` (what was said about whom), `evaluate.py`
(who may say it).
"""
