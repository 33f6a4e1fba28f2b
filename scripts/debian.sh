#!/bin/sh
# Installs packages of the system's where nobody has to be asked (Debian, as root or by a silent sudo); else it fails.
set -eu
command -v apt-get >/dev/null
sudo=
[ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null; sudo="sudo -n"; }
export DEBIAN_FRONTEND=noninteractive
echo "Installing $*"
# A machine that has just started may still hold the lock of its package manager.
$sudo apt-get -o DPkg::Lock::Timeout=120 -qq update
$sudo apt-get -o DPkg::Lock::Timeout=120 -qq -y --no-install-recommends install "$@" >/dev/null
