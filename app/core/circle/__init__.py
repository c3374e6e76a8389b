"""Circles and groups: signed statements in, one deterministic roster out (protocol sections 1, 10.8, 11).

`circle_log.py` and `group_log.py` are the doors (`CircleLog`, `GroupLog`), `roster.py` and `group.py` hold what
callers look at, `authoring.py` and `group_authoring.py` make statements, `gossip.py` brings them to others. Below
them: `bodies.py` (formats), `log.py` (what came in, what waits), `dag.py` (who comes before whom), `standing.py`
(what counts), `facts.py` (what was said about whom), `evaluate.py` and `group_rules.py` (who may say it).
"""
