# Sourced by the other scripts: a virtual environment in .venv with this checkout installed into it, made on first
# use and brought up to date when pyproject.toml changes. pip's own configuration (index, proxy) holds.
#
#   prepare [EXTRA]   EXTRA: test or check, the optional dependencies that the caller needs

checkout="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
venv="$checkout/.venv"
unset PYTHONDONTWRITEBYTECODE # else each start of a server compiles all of it anew, a third of its time

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# The first Python that is new enough.
find_python() {
  local name
  for name in python3 python3.11 python3.12 python3.13 python3.14; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  fail "Python 3.11 or later is needed, and none was found. On Debian or Ubuntu: apt-get install python3 python3-venv"
}

need_compiler() {
  command -v g++ >/dev/null || command -v clang++ >/dev/null || command -v c++ >/dev/null ||
    fail "a C++ compiler with its standard library is needed. On Debian or Ubuntu: apt-get install g++"
}

prepare() {
  local extra="${1:-}" stamp now
  stamp="$venv/.installed${extra:+-$extra}"
  now="$checkout $(cksum <"$checkout/pyproject.toml")"
  if [[ "$(cat "$stamp" 2>/dev/null)" == "$now" && -x "$venv/bin/cpplsp" ]]; then
    return
  fi
  mkdir -p "$venv"
  # Two scripts started at once take turns; the second finds the work done.
  exec 9>"$venv/.lock"
  if command -v flock >/dev/null; then flock 9; fi
  if [[ "$(cat "$stamp" 2>/dev/null)" != "$now" ]]; then
    # Nothing of an environment that was made elsewhere and copied here can be relied on.
    if [[ ! -x "$venv/bin/pip" || "$(cat "$venv/.checkout" 2>/dev/null)" != "$checkout" ]]; then
      make_environment
    fi
    echo "${0##*/}: installing cpplsp${extra:+ and what its ${extra}s need} into $venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$checkout${extra:+[$extra]}" >&2 ||
      fail "pip could not install cpplsp: see above"
    echo "$now" >"$stamp"
  fi
  exec 9>&-
}

make_environment() {
  local python
  python="$(find_python)" || exit 1
  "$python" -c 'import ensurepip' 2>/dev/null ||
    fail "$python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"
  echo "${0##*/}: making a virtual environment in $venv" >&2
  rm -f "$venv"/.installed*
  "$python" -m venv --clear "$venv" || fail "$python could not make a virtual environment: see above"
  echo "$checkout" >"$venv/.checkout"
}
