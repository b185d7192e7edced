"""The campaign that proves that nothing is lost: a generator, a nemesis and a checker, in the manner of Jepsen.

A scenario is a module of this package with `run(ground, seed, size)`, which yields one `Row` (faults/table.py) for each
fault it tried; it is listed in faults/__main__.py. What it finds there:

- `Ground` (faults/ground.py): one private PostgreSQL (durable), Redis, a mail sink, and the processes of the platform,
  which it starts, keeps running and kills. A scenario gets it quiet and all running, and leaves it so.
- `Campaign` (faults/campaign.py): hands in complaints over HTTP as people do and notes each fact that was acknowledged
  in a file outside the system (the oracle); waits until all is quiet; has everything checked; adds it to the `Row`.
- `seed`: a `random.Random` of the scenario's own, from which everything comes that happens by chance.
- `size`: `SHORT` (in CI; some tens of seconds for each scenario) or `LONG`; `size.of(3, 20)` answers one of the two.

`faults/kills.py` shows how a scenario is written. A process of its own: `ground.add(Process(name, command, environ))`,
with `fresh=True` for one that is run by exec (libfaketime needs that); `ground.arm(name, ["web.after_commit:2"])` lets
its next life end at that crash point (weerklank/kernel/crash.py); `ground.kill(name)` ends one now.
`ruff` and `mypy --strict` hold here as well.
"""
