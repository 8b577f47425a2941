"""Times onnxruntime on the encoder alone: encoder_graph.py's graph, the sentences sorted by length, 32 a batch.

    onnx_encoder.py MODEL_DIR SENTENCES THREADS    prints {"seconds", "sentences", "tokens"}"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from encoder_graph import LONGEST, build
from tokenizers import Tokenizer

BATCH = 32


def main():
    model, sentences, threads = sys.argv[1], [json.loads(line) for line in open(sys.argv[2])], int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "encoder.onnx"
        build(model, path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    tokens = 0
    begun = time.perf_counter()
    ids = sorted((e.ids for e in tokenizer.encode_batch(sentences)), key=len)
    for start in range(0, len(ids), BATCH):
        rows = ids[start : start + BATCH]
        width = max(map(len, rows))
        batch = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for n, row in enumerate(rows):
            batch[n, : len(row)] = row
            mask[n, : len(row)] = 1
        session.run(["states"], {"input_ids": batch, "attention_mask": mask})
        tokens += int(mask.sum())
    print(json.dumps({"seconds": time.perf_counter() - begun, "sentences": len(sentences), "tokens": tokens}))


main()
