"""Takes each defence out, one at a time, in a copy of the tree, and shows that a test notices.

    python tests/mutation/run.py                     all of tests/mutation/defences.toml
    python tests/mutation/run.py --attack 14 22      those of some attacks
    python tests/mutation/run.py --seconds 600       as many as fit into ten minutes
    python tests/mutation/run.py --json FILE         also write what became of each, into what FILE knows of others

A patch names a file, a text that stands there exactly once, and what to put in its place. "noticed" means that at
least one of its tests fails; "survived" that all pass. A survivor may carry a reason (a second line of defence that
does the same); it is counted all the same. Not part of the test run: it takes minutes. The tree itself is only read.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COPIED = ("app", "crypto", "transport", "assets", "tests", "packaging", "pyproject.toml")
TEST_TIMEOUT_S = 150
BASELINE_TIMEOUT_S = 1_800


@dataclass(frozen=True)
class Defence:
    """One patch of `defences.toml`."""

    attack: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """What became of it: noticed, survived, stale (the text is not there once) or slow (no end in time)."""

    attack: str
    name: str
    file: str
    outcome: str
    noticed_by: str
    seconds: float
    reason: str


def defences() -> list[Defence]:
    """The patches; `tests` are files below tests/, without their ending."""
    content = tomllib.loads((HERE / "defences.toml").read_text(encoding="utf-8"))
    found = []
    for entry in content["defence"]:
        tests = tuple(f"tests/{name}.py" for name in entry.pop("tests"))
        found.append(Defence(**{"new": "", **entry}, tests=tests))
    return found


@contextmanager
def scratch() -> Iterator[Path]:
    """A copy of what the tests need."""
    with tempfile.TemporaryDirectory(prefix="praxisfunk-mutation-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, copy / name)
        yield copy


def run_tests(copy: Path, tests: Iterable[str], timeout_s: int = TEST_TIMEOUT_S) -> tuple[bool, str]:
    """(all passed, the first that failed)."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    # No bytecode: a patch of the same length within one second would go unnoticed.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    done = subprocess.run(
        command,
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"pytest did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0, failed.group(1) if failed else "collection"


def try_one(copy: Path, defence: Defence) -> Result:
    """Patch, test, put back."""
    path, began = copy / defence.file, time.monotonic()
    text = path.read_text(encoding="utf-8")
    outcome, noticed_by = "stale", ""
    if text.count(defence.old) == 1:
        path.write_text(text.replace(defence.old, defence.new), encoding="utf-8")
        try:
            passed, noticed_by = run_tests(copy, defence.tests)
            outcome, noticed_by = ("survived", "") if passed else ("noticed", noticed_by)
        except subprocess.TimeoutExpired:
            outcome = "slow"
        finally:
            path.write_text(text, encoding="utf-8")
    seconds = round(time.monotonic() - began, 1)
    name = defence.attack, defence.name, defence.file
    return Result(*name, outcome, noticed_by, seconds, defence.reason)


def summary(results: list[Result], total: int) -> dict[str, object]:
    """The score, and what to look at."""
    count = {
        kind: sum(one.outcome == kind for one in results) for kind in ("noticed", "survived", "stale", "slow")
    }
    tried = count["noticed"] + count["survived"]
    return {
        "defences": total,
        "tried": len(results),
        **count,
        "score": round(count["noticed"] / tried, 3) if tried else None,
        "attacks": sorted({one.attack for one in results}, key=lambda number: (len(number), number)),
        "survivors": [f"{one.attack} {one.name}" for one in results if one.outcome == "survived"],
    }


def merged(path: Path, results: list[Result]) -> list[Result]:
    """With what an earlier run found out about patches that are still there and were not tried now."""
    known = {(one.attack, one.name): one for one in results}
    if path.exists():
        for entry in json.loads(path.read_text(encoding="utf-8"))["results"]:
            known.setdefault((entry["attack"], entry["name"]), Result(**entry))
    return [known[key] for one in defences() if (key := (one.attack, one.name)) in known]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--attack", nargs="*", help="numbers of the list of attacks")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no further one after this")
    parser.add_argument("--json", type=Path, help="write the results here")
    parser.add_argument("--missing", action="store_true", help="only what the file of --json does not know")
    chosen = parser.parse_args()
    wanted = [one for one in defences() if not chosen.attack or one.attack in chosen.attack]
    if chosen.missing and chosen.json is not None:
        known = {(one.attack, one.name) for one in merged(chosen.json, [])}
        wanted = [one for one in wanted if (one.attack, one.name) not in known]
    results: list[Result] = []
    began = time.monotonic()
    with scratch() as copy:
        tests = sorted({test for one in wanted for test in one.tests})
        passed, failed = run_tests(copy, tests, BASELINE_TIMEOUT_S)
        if not passed:
            print(f"without any patch {failed} fails: nothing to measure")
            return 2
        for defence in wanted:
            if time.monotonic() - began > chosen.seconds:
                break
            results.append(try_one(copy, defence))
            last = results[-1]
            print(f"{last.outcome:8} {last.attack:>3} {last.name}  {last.noticed_by}", flush=True)
    found = summary(results, len(wanted))
    print(json.dumps(found, indent=1))
    if chosen.json is not None:
        everything = merged(chosen.json, results)
        content = {**summary(everything, len(defences())), "results": [asdict(one) for one in everything]}
        chosen.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unexplained = [one for one in results if one.outcome != "noticed" and not one.reason]
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
