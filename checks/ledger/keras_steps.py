"""Steps optimizers of Keras along the test bed: reads an order a line and writes the path a line, both as JSON."""

import json
import sys

import keras
import numpy as np

from ledger import bed


def path(order: dict) -> list[list[float]]:
    values = dict(order["values"])
    if order["schedule"]:  # the learning rate falls in a straight line to zero
        values["learning_rate"] = keras.optimizers.schedules.PolynomialDecay(
            values["learning_rate"], bed.STEPS, end_learning_rate=0.0
        )
    optimizer = getattr(keras.optimizers, order["name"])(**values)
    begin, given = [np.array(v) for v in order["start"]], order["given"] and [np.array(v) for v in order["given"]]
    variables = [keras.Variable(value, dtype="float64", name=f"kernel_{i}") for i, value in enumerate(begin)]
    optimizer.build(variables)
    points = [flat(variables)]
    for t, gradient in bed.gradients(given):
        grads = [keras.ops.convert_to_tensor(gradient(numbers(v), t), dtype="float64") for v in variables]
        optimizer.apply(grads, variables)
        points.append(flat(variables))
    return points


def numbers(variable: keras.Variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(variable.value), dtype=np.float64)


def flat(variables: list[keras.Variable]) -> list[float]:
    return np.concatenate([numbers(variable).ravel() for variable in variables]).tolist()


keras.config.set_floatx("float64")
for line in sys.stdin:
    print(json.dumps(path(json.loads(line))), flush=True)
