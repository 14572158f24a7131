"""The network with its preparation as an ONNX graph: raw inputs [64, D] in, score [64] out."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from network import Preparation, Weights

ROWS = 64


class Graph:
    """Nodes and constants; each method adds one node and gives its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def floats(self, value: np.ndarray) -> str:
        return self.constant(np.asarray(value, np.float32))

    def node(self, op: str, *inputs: str, out: str = "", **attributes: int) -> str:
        name = out or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def columns(self, value: str, which: np.ndarray) -> str:
        return self.node("Gather", value, self.constant(which.astype(np.int64)), axis=1)


def wide_part(g: Graph, clipped: str, holes: str, p: Preparation, w: Weights) -> str:
    values = g.columns(clipped, p.wide)
    size = g.node("Abs", values)
    logarithm = g.node("Log", g.node("Add", size, g.floats(1)))
    basis = g.node("Concat", values, size, logarithm, g.columns(holes, p.wide), axis=1)
    centred = g.node("Sub", basis, g.floats(p.wide_mean))
    return g.node("MatMul", g.node("Mul", centred, g.floats(p.wide_scale)), g.floats(w.wide))


def deep_part(g: Graph, clipped: str, holes: str, p: Preparation, w: Weights) -> str:
    logarithm = g.node("Log", g.node("Add", g.node("Max", clipped, g.floats(0)), g.floats(1)))
    shaped = g.node("Where", g.constant(p.logged), logarithm, clipped)
    standard = g.node("Mul", g.node("Sub", shaped, g.floats(p.mean)), g.floats(p.scale))
    value = g.columns(standard, p.deep)
    if len(p.holed) > 0:
        value = g.node("Concat", value, g.columns(holes, p.holed), axis=1)
    for weights, bias in ((w.first, w.first_bias), (w.second, w.second_bias)):
        value = g.node("MatMul", value, g.floats(weights))
        value = g.node("Relu", g.node("Add", value, g.floats(bias)))
    return g.node("MatMul", value, g.floats(w.last))


def build_graph(p: Preparation, w: Weights) -> onnx.ModelProto:
    g = Graph()
    null = g.node("IsNaN", "inputs")
    holes = g.node("Cast", null, to=TensorProto.FLOAT)
    known = g.node("Where", null, g.floats(p.median), "inputs")
    clipped = g.node("Min", g.node("Max", known, g.floats(p.low)), g.floats(p.high))
    parts = g.node("Add", wide_part(g, clipped, holes, p, w), deep_part(g, clipped, holes, p, w))
    score = g.node("Sigmoid", g.node("Add", parts, g.floats(w.bias)))
    g.node("Reshape", score, g.constant(np.array([ROWS], np.int64)), out="score")
    graph = helper.make_graph(
        g.nodes,
        "places-ranker",
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, [ROWS, len(p.median)])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [ROWS])],
        g.constants,
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="weir")
    onnx.checker.check_model(model, full_check=True)
    return model


def run_graph(model: onnx.ModelProto, inputs: np.ndarray) -> np.ndarray:
    """Scores of any number of rows by onnx's own reference evaluator."""
    evaluator = ReferenceEvaluator(model)
    scores = []
    for start in range(0, len(inputs), ROWS):
        part = inputs[start : start + ROWS].astype(np.float32)
        padded = np.zeros((ROWS, inputs.shape[1]), np.float32)
        padded[: len(part)] = part
        scores.append(evaluator.run(None, {"inputs": padded})[0][: len(part)])
    return np.concatenate(scores)
