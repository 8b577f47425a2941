"""The encoder of a model folder as an ONNX graph in fp32, with random weights: the time of a pass does not depend on them.

BERT (Devlin et al. 2019) or MPNet (Song et al. 2020): the same layers; MPNet adds a bias by head and distance to the
attention scores and has no token types."""

import json
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LONGEST = 256


class Graph:
    def __init__(self, seed=0):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.count = [], [], 0

    def constant(self, array):
        self.count += 1
        name = f"w{self.count}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, *shape):
        return self.constant((self.random.standard_normal(shape) * 0.02).astype(np.float32))

    def op(self, kind, *inputs, **attributes):
        self.count += 1
        name = f"t{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def linear(self, x, width_in, width_out):
        return self.op("Add", self.op("MatMul", x, self.weight(width_in, width_out)), self.weight(width_out))

    def norm(self, x, width, epsilon):
        return self.op("LayerNormalization", x, self.constant(np.ones(width, np.float32)), self.weight(width), epsilon=epsilon)


def build(folder, path):
    config = json.loads((Path(folder) / "config.json").read_text())["encoder"]
    width, heads = config["hidden_size"], config["num_attention_heads"]
    epsilon, mpnet = config.get("layer_norm_eps", 1e-12), config["model_type"] == "mpnet"
    graph = Graph()
    shape = graph.op("Shape", "input_ids")
    length = graph.op("Slice", shape, graph.constant(np.array([1])), graph.constant(np.array([2])))
    zero, axis = graph.constant(np.array([0])), graph.constant(np.array([0]))
    positions = graph.op("Slice", graph.weight(LONGEST, width), zero, length, axis)
    x = graph.op("Add", graph.op("Gather", graph.weight(config["vocab_size"], width), "input_ids"), positions)
    if not mpnet:
        x = graph.op("Add", x, graph.weight(width))
    x = graph.norm(x, width, epsilon)
    # (batch, length) of ones and zeros -> (batch, 1, 1, length) of zeros and large negatives.
    mask = graph.op("Unsqueeze", graph.op("Cast", "attention_mask", to=TensorProto.FLOAT), graph.constant(np.array([1, 2])))
    mask = graph.op("Mul", graph.op("Sub", graph.constant(np.float32(1)), mask), graph.constant(np.float32(-1e9)))
    if mpnet:
        bias = graph.weight(1, heads, LONGEST, LONGEST)
        ends = graph.op("Concat", length, length, axis=0)
        bias = graph.op("Slice", bias, graph.constant(np.array([0, 0])), ends, graph.constant(np.array([2, 3])))
        mask = graph.op("Add", mask, bias)
    split = graph.constant(np.array([0, 0, heads, width // heads]))
    join = graph.constant(np.array([0, 0, width]))
    scale = graph.constant(np.float32(1 / math.sqrt(width // heads)))
    for _ in range(config["num_hidden_layers"]):
        parts = [graph.op("Reshape", graph.linear(x, width, width), split) for _ in range(3)]
        query, value = (graph.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (parts[0], parts[2]))
        key = graph.op("Transpose", parts[1], perm=[0, 2, 3, 1])
        scores = graph.op("Add", graph.op("Mul", graph.op("MatMul", query, key), scale), mask)
        context = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
        context = graph.op("Reshape", graph.op("Transpose", context, perm=[0, 2, 1, 3]), join)
        x = graph.norm(graph.op("Add", x, graph.linear(context, width, width)), width, epsilon)
        inner = graph.op("Gelu", graph.linear(x, width, config["intermediate_size"]))
        x = graph.norm(graph.op("Add", x, graph.linear(inner, config["intermediate_size"], width)), width, epsilon)
    graph.nodes.append(helper.make_node("Identity", [x], ["states"]))
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in ("input_ids", "attention_mask")]
    out = helper.make_tensor_value_info("states", TensorProto.FLOAT, ["batch", "length", width])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "encoder", ids, [out], graph.weights),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=9,
    )
    onnx.save(model, str(path))
