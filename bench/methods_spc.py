"""XmR charts of 10,000 series of 60 points, against one second."""

import time

import numpy as np

from openoh.methods import spc

LIMIT_SECONDS = 1.0
ROUNDS = 3


def main() -> None:
    values = np.random.default_rng(0).normal(5, 1, (10_000, 60))
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        spc.xmr_many(values, improvement="decrease", target=4.5, rebase=[30])
        times.append(time.perf_counter() - start)
    print(f"xmr of 10,000 series of 60 points / 1 s: ratio {min(times) / LIMIT_SECONDS:.2f} (limit 1)")


if __name__ == "__main__":
    main()
