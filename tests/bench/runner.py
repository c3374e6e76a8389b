"""Runs benchmarks: `packaging/dev.py bench [NAME ...] [--json FILE]`.

A benchmark is a file `bench_NAME.py` in this folder with `run() -> dict[str, object]`: flat figures with their unit
in the name (`seal_mb_s`, `open_ms_p50`), measured in this run. No test: nothing here judges a figure.
"""

import argparse
import importlib.util
import json
import os
import platform
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def run_one(name: str) -> dict[str, object]:
    path = HERE / f"bench_{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    figures = module.run()
    if not isinstance(figures, dict):
        raise TypeError(f"bench_{name}.run() must return a dict")
    return figures


def machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def show(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {show(item)}" for key, item in value.items())
    return str(value)


def main() -> int:
    known = names()
    parser = argparse.ArgumentParser(prog="packaging/dev.py bench", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"one or more of: {', '.join(known) or 'none yet'}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument("--list", action="store_true", help="say which there are")
    chosen = parser.parse_args()
    if chosen.list:
        print("\n".join(known))
        return 0
    unknown = [name for name in chosen.name if name not in known]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(known)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    results: dict[str, object] = {"machine": machine()}
    for name in chosen.name or known:
        print(f"{name} …", file=sys.stderr, flush=True)
        began = time.perf_counter()
        figures = run_one(name)
        results[name] = figures
        print(f"{name}  ({time.perf_counter() - began:.1f} s)")
        width = max((len(key) for key in figures), default=0)
        for key, value in figures.items():
            print(f"  {key:{width}}  {show(value)}")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(results, indent=1, default=str) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
