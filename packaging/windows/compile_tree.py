"""Runs in the Windows Python that is shipped: turns the modules of folders into bytecode of that version.

The sources go; a module that does not compile (a template, say) keeps its source. No path of the build machine and
no time gets into the bytecode.
"""

import py_compile
import sys
from pathlib import Path


def main(folders: list[str]) -> None:
    done = 0
    for folder in map(Path, folders):
        for source in sorted(folder.rglob("*.py")):
            try:
                py_compile.compile(
                    str(source),
                    cfile=str(source) + "c",
                    dfile=source.relative_to(folder).as_posix(),
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
            except py_compile.PyCompileError as error:
                print("kept as source:", source.name, type(error.exc_value).__name__)
                continue
            source.unlink()
            done += 1
    print(done, "modules compiled")


if __name__ == "__main__":
    main(sys.argv[1:])
