# Sourced by demo, test and CI: makes .venv with this project and all its extras in it, once for each state of its
# requirements. Every file that pip installs has a hash in requirements-dev.lock.
# TORCH_INDEX names another index for torch, such as PyTorch's own of the builds without CUDA: docs/start/install.md. What
# comes from there has no hash here.
# Needs Python 3.11 or later with venv, and pip's package index.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

fail() {
    echo "$1" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Install what is locked and then this project, which it builds with the locked hatchling, into the environment of a Python.
install_locked() {
    local lock=requirements-dev.lock options=(--quiet --disable-pip-version-check)
    if [ -n "${TORCH_INDEX:-}" ]; then
        lock=.venv/without-torch.lock
        options+=(--no-deps)
        "$1" -m pip install "${options[@]}" --constraint constraints.txt --index-url "$TORCH_INDEX" torch torchvision ||
            fail "pip could not install torch from $TORCH_INDEX"
        "$1" scripts/locked.py --without-torch >"$lock"
    fi
    "$1" -m pip install "${options[@]}" --require-hashes --requirement "$lock" ||
        fail "pip could not install the packages of requirements-dev.lock; its messages above say which"
    "$1" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ||
        fail "pip could not install this project; its messages above say why"
}

prepare_environment() {
    local python wanted stamp=.venv/.clustertags-installed
    python=$(find_python) || fail "Python 3.11 or later is missing: install it, or name it with PYTHON=/path/to/python3"
    wanted=$("$python" -c 'import hashlib, pathlib, sys
print(hashlib.sha256(b"".join(pathlib.Path(f).read_bytes() for f in ("pyproject.toml", "requirements-dev.lock"))).hexdigest(), *sys.version_info[:2])')
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        "$python" -c 'import venv, ensurepip' 2>/dev/null ||
            fail "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv)"
        echo "Installing into .venv (torch is large: this takes some minutes the first time) ..." >&2
        "$python" -m venv .venv || fail "cannot make .venv in $(pwd)"
        install_locked .venv/bin/python
        echo "$wanted" >"$stamp"
    fi
    PATH="$(pwd)/.venv/bin:$PATH"
    export PATH
}
