"""Basin maps: ten optimizers on three landscapes, 256 x 256 starts each, 200 steps."""

from __future__ import annotations

import time

import record

import optguide as og

RATES = {"SGD": 0.01, "Momentum": 0.002, "Nesterov": 0.002, "Adagrad": 0.5, "RMSprop": 0.03}
RATES |= {"Adam": 0.1, "Adamax": 0.2, "AMSGrad": 0.1, "AdaBelief": 0.1, "Lion": 0.03}
LANDSCAPES = ("himmelblau", "six_hump_camel", "styblinski_tang")
SIDE, STEPS = 256, 200


def main() -> None:
    on, rows = record.machine("torch"), []
    for name in LANDSCAPES:
        surface = getattr(og.surfaces, name)
        starts = surface.grid(SIDE)
        begin = time.perf_counter()
        for rule, lr in RATES.items():
            og.sweep(getattr(og, rule), surface, starts, STEPS, lr=lr)
        rows.append({"landscape": name, "seconds": time.perf_counter() - begin})
    record.save(__file__, on, {"rules": len(RATES), "side": SIDE, "steps": STEPS}, rows=rows)


if __name__ == "__main__":
    main()
