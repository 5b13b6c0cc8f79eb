"""`import openoh.methods` against a bare start of Python: the ratio of both, best of several runs.

The limit of 100 milliseconds for the import itself is about six bare starts; NumPy alone needs longer than that.
"""

import subprocess
import sys
import time

RUNS = 7
LIMIT = 6.0


def seconds(program: str) -> float:
    """The shortest time of several fresh interpreters that run `program`."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    bare = seconds("pass")
    ours = seconds("import openoh.methods")
    ratio = ours / bare
    print(
        f"methods_import: ratio {ratio:.3f} (limit {LIMIT:g}); the import takes {1000 * (ours - bare):.0f} ms"
    )


if __name__ == "__main__":
    main()
