#!/bin/sh
# Which lane this machine takes (docs/compatibility.md), as three words: lane, python, why.
# LANE=current|legacy and PYTHON=... override; without a fitting Python it says what is missing.
set -u

newer_than() { # newer_than 2.41 2.39: whether the first version is the second or newer
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

version_of() { # version_of python3: 3.13, or nothing where it does not run
  "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

has_venv() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null
}

python_of() { # python_of 3.13 3.12: the first of these that runs here, better one with its venv
  without_venv=
  for version in "$@"; do
    for python in "python$version" python3 "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/$version".*/bin/python; do
      [ "$(version_of "$python")" = "$version" ] || continue
      has_venv "$python" && echo "$python" && return
      : "${without_venv:=$python}"
    done
  done
  echo "$without_venv"
}

if [ -n "${PYTHON:-}" ] && [ -z "$(version_of "$PYTHON")" ]; then
  echo "PYTHON: expected a Python that runs here, found $PYTHON" >&2
  exit 1
fi
glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)
lane=${LANE:-}
why="as LANE says"
if [ -z "$lane" ]; then
  if [ -z "$glibc" ] || ! newer_than "$glibc" 2.39; then
    lane=legacy why="current needs glibc 2.39, found ${glibc:-none}"
  elif [ -n "${PYTHON:-}" ]; then
    case $(version_of "$PYTHON") in 3.10) lane=legacy ;; *) lane=current ;; esac
    why="as PYTHON says"
  elif [ -z "$(python_of 3.13 3.12 3.11)" ] && [ -n "$(python_of 3.10)" ]; then
    lane=legacy why="there is a Python 3.10 and none of 3.11 to 3.13"
  else
    lane=current why="glibc is $glibc"
  fi
fi
case $lane in
  current) versions="3.13 3.12 3.11" wanted="Python 3.11, 3.12 or 3.13" ;;
  legacy) versions="3.10" wanted="Python 3.10" ;;
  *) echo "LANE: expected current or legacy, found $lane" >&2 && exit 1 ;;
esac
# shellcheck disable=SC2086 # one word a version
python=${PYTHON:-$(python_of $versions)}
case " $versions " in
  *" $(version_of "${python:-none}") "*) ;;
  *)
    echo "seqmd needs $wanted here (lane $lane, $why): expected it as python3 or pythonVERSION on the PATH, from pyenv, or as PYTHON=...; found ${python:-none}" >&2
    exit 1
    ;;
esac
# Behind an active .venv, which `make` may empty, is the Python that made it.
behind=$("$python" -c 'import os, sys; sys.prefix == sys.base_prefix or print(os.path.realpath(sys.executable))')
python=${behind:-$python}
if ! has_venv "$python"; then
  echo "seqmd needs Python's venv (on Debian and Ubuntu: apt install python$(version_of "$python")-venv); found none in $python" >&2
  exit 1
fi
echo "$lane $python $why"
