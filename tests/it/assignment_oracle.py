"""Random tasks with scipy's answer, as 64-bit numbers: rows, columns, matched, total, the capacities, the scores (the least: forbidden)."""
import sys

import numpy as np
from scipy.optimize import linear_sum_assignment

FORBIDDEN = np.iinfo(np.int64).min
random = np.random.default_rng()


def say(scores, allowed, capacities):
    # scipy knows no forbidden pairs, no capacities and nobody left alone: a place is a column of its own, and a forbidden pair costs
    # more than everything else together.
    places = np.repeat(np.arange(scores.shape[1]), capacities)
    worst = 2 * (np.abs(scores).max() + 1) * max(scores.shape)
    rows, taken = linear_sum_assignment(np.where(allowed, -scores, worst)[:, places])
    pairs = rows, places[taken]
    real = allowed[pairs]
    answer = [*scores.shape, real.sum(), scores[pairs][real].sum(), *capacities]
    sys.stdout.buffer.write(np.array(answer, dtype="<i8").tobytes())
    sys.stdout.buffer.write(np.where(allowed, scores, FORBIDDEN).astype("<i8").tobytes())


def some(rows, columns, share=0.3):
    return random.random((rows, columns)) < share


for size in [(200, 200), (500, 500), (1000, 1200), (2000, 2000)]:
    say(random.integers(1, 1_000_001, size), some(*size), np.ones(size[1], dtype=int))
for most in [1, 5, 1000]:
    for size in [(300, 300), (400, 160), (160, 400)]:
        say(random.integers(0, most + 1, size), some(*size), np.ones(size[1], dtype=int))
        say(random.integers(0, most + 1, size), some(*size, 0.1), random.integers(0, 4, size[1]))
# Scores that mislead: everybody wants the same columns; who has most wants most; what is near is near for many.
rows, columns, ones = np.arange(200)[:, None], np.arange(200)[None, :], np.ones(200, dtype=int)
say(50_000 - 100 * columns + random.integers(0, 50, (200, 200)), some(200, 200), ones)
say((rows + 1) * (columns + 1), some(200, 200), ones)
here, there = random.integers(0, 1000, (2, 200, 2))
say(2000 - np.abs(here[:, None] - there[None, :]).sum(axis=2), some(200, 200), ones)
