"""Times spaCy's small English model, names only where it can be told to, on texts: {"text"} a line.

    spacy_small.py TEXTS    prints {"seconds", "documents", "entities"}"""

import json
import sys
import time

import spacy

texts = [json.loads(line)["text"] for line in open(sys.argv[1])]
nlp = spacy.load("en_core_web_sm")
begun = time.perf_counter()
entities = sum(len(doc.ents) for doc in nlp.pipe(texts))
print(json.dumps({"seconds": time.perf_counter() - begun, "documents": len(texts), "entities": entities}))
