# What scripts/demo and scripts/test do first: look for the tools, and get libtorch.
# To be sourced from the root of the repository.

missing() {
    echo "$1" >&2
    exit 1
}

if ! command -v cargo >/dev/null 2>&1 && [ -x "${HOME:-/root}/.cargo/bin/cargo" ]; then
    PATH="${HOME:-/root}/.cargo/bin:$PATH"
    export PATH
fi
command -v cargo >/dev/null 2>&1 ||
    missing "cargo is missing: install Rust 1.90 or later from https://rustup.rs"
command -v "${CXX:-c++}" >/dev/null 2>&1 ||
    missing "a C++ compiler is missing: install one (Debian: apt-get install g++)"
scripts/libtorch
scripts/assets ||
    echo "without the graph library, for the reason above, reports will draw a plain circle; to get it later: scripts/assets" >&2
