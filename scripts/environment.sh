# Sourced by demo, test and CI: makes .venv with this project in it, once for each state of its requirements.
# `prepare_environment docs` installs that extra as well.
# TORCH_INDEX names another index for torch, such as PyTorch's own of the builds without CUDA: docs/start/install.md.
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

prepare_environment() {
    local python wanted extra stamp=.venv/.clustertags-installed
    python=$(find_python) || fail "Python 3.11 or later is missing: install it, or name it with PYTHON=/path/to/python3"
    wanted=$("$python" -c 'import hashlib, pathlib, sys
print(hashlib.sha256(b"".join(pathlib.Path(f).read_bytes() for f in ("pyproject.toml", "constraints.txt"))).hexdigest(), *sys.version_info[:2])')
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        "$python" -c 'import venv, ensurepip' 2>/dev/null ||
            fail "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv)"
        echo "Installing into .venv (torch is large: this takes some minutes the first time) ..." >&2
        "$python" -m venv .venv || fail "cannot make .venv in $(pwd)"
        if [ -n "${TORCH_INDEX:-}" ]; then
            .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --constraint constraints.txt \
                --index-url "$TORCH_INDEX" torch torchvision || fail "pip could not install torch from $TORCH_INDEX"
        fi
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
            --editable '.[dev,benchmark]' || fail "pip could not install the packages that pyproject.toml names; its messages above say which"
        echo "$wanted" >"$stamp"
    fi
    for extra in "$@"; do
        [ "$(cat "$stamp-$extra" 2>/dev/null)" = "$wanted" ] && continue
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
            --editable ".[$extra]" || fail "pip could not install the extra $extra; its messages above say why"
        echo "$wanted" >"$stamp-$extra"
    done
    PATH="$(pwd)/.venv/bin:$PATH"
    export PATH
}
