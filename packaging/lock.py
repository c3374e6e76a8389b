"""Writes `packaging/requirements/*.txt` from pyproject.toml: versions and hashes, no index address."""

from __future__ import annotations

import subprocess

from environment import REQUIREMENTS, ROOT, SetupError, make_venv, only_one, venv_folder, venv_python, works
from system import say

SETS = ("runtime", "test", "check", "package")
UV = "uv==0.13.9"


def lock() -> None:
    """The other sets hold only what `runtime` does not, and are resolved to the same versions."""
    venv = venv_folder()
    with only_one(venv):
        if not works(venv):
            make_venv(venv)
    python = str(venv_python(venv))
    got_uv = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", UV], check=False
    )
    if got_uv.returncode != 0:
        raise SetupError("uv, which resolves the versions, could not be installed.")
    runtime: dict[str, str] = {}
    for name in SETS:
        blocks = resolve(python, name)
        fresh = {key: block for key, block in blocks.items() if key not in runtime}
        head = f"# {name}: exact versions and hashes for every platform. Written by `packaging/dev.py lock`."
        include = ["-r runtime.txt"] if runtime else []
        text = "\n".join([head, *include, *fresh.values()]) + "\n"
        (REQUIREMENTS / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
        runtime = runtime or blocks
        say(f"{name}: {len(fresh)} packages")


def resolve(python: str, name: str) -> dict[str, str]:
    """Requirement line -> its block with hashes, for one set."""
    command = [
        *(python, "-m", "uv", "--quiet", "pip", "compile", "pyproject.toml", "--universal"),
        *("--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header"),
    ]
    if name != "runtime":
        command += ["--extra", name, "--constraint", str(REQUIREMENTS / "runtime.txt")]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if told.returncode != 0:
        raise SetupError(f"The versions of {name} could not be resolved.")
    blocks: dict[str, list[str]] = {}
    key = ""
    for line in told.stdout.splitlines():
        if line and not line[0].isspace() and line[0] not in "#-":
            key = line.rstrip(" \\")
            blocks[key] = []
        if key and line.strip():
            blocks[key].append(line)
    return {key: "\n".join(lines) for key, lines in blocks.items()}
