"""Holds a matrix and solves it as often as asked: nanoseconds of scipy alone, matched, total."""
import sys
import time

import numpy as np
from scipy.optimize import linear_sum_assignment

given = sys.stdin.buffer
while command := given.readline():
    if command == b"take\n":
        rows, columns = np.frombuffer(given.read(16), dtype="<i8")
        scores = np.frombuffer(given.read(8 * rows * columns), dtype="<i8").reshape(rows, columns)
        allowed = scores != np.iinfo(np.int64).min
        real = np.where(allowed, scores, 0)
        # scipy knows no forbidden pairs: one costs more than everything else together. Made beforehand, at no cost to scipy.
        costs = np.where(allowed, -real, 2 * (real.max() + 1) * max(rows, columns)).astype(float)
    else:
        start = time.perf_counter_ns()
        pairs = linear_sum_assignment(costs)
        spent = time.perf_counter_ns() - start
        print(spent, allowed[pairs].sum(), real[pairs].sum(), flush=True)
