"""Basin maps: ten optimizers on three landscapes, 256 x 256 starts each, 200 steps."""

from __future__ import annotations

import os
import platform
import time

import torch

import optguide as og

RATES = {"SGD": 0.01, "Momentum": 0.002, "Nesterov": 0.002, "Adagrad": 0.5, "RMSprop": 0.03}
RATES |= {"Adam": 0.1, "Adamax": 0.2, "AMSGrad": 0.1, "AdaBelief": 0.1, "Lion": 0.03}
LANDSCAPES = ("himmelblau", "six_hump_camel", "styblinski_tang")


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}")
    total = 0.0
    for name in LANDSCAPES:
        surface = getattr(og.surfaces, name)
        starts = surface.grid(256)
        begin = time.perf_counter()
        for rule, lr in RATES.items():
            og.sweep(getattr(og, rule), surface, starts, 200, lr=lr)
        seconds = time.perf_counter() - begin
        total += seconds
        print(f"{name:16s} {seconds:7.2f} s for {len(RATES)} maps of 65,536 starts")
    print(f"{'all':16s} {total:7.2f} s, {total / 30:.2f} s a map")


if __name__ == "__main__":
    main()
