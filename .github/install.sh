#!/bin/sh
# Installs herm for one user: downloads the executable for this machine, checks its SHA-256 and puts it into ~/.local/bin.
# Linux and macOS; on Windows in Git Bash.
#   HERM_VERSION=1.2.3         another version than the latest
#   HERM_INSTALL_DIR=<folder>  another folder
#   HERM_RELEASE_URL=<url>     releases kept elsewhere: <url>/latest/download/<file>, <url>/download/v1.2.3/<file>
# Everything is a function until the last line, so that a script that was cut off on its way does nothing.

# The address of the releases. A release's own copy of this file has it; it is empty where nobody gave one.
release_url=""

say() {
  printf '%s\n' "$*" >&2
}

fail() {
  say "error: $*"
  exit 1
}

main() {
  set -u
  [ $# -eq 0 ] || fail "install.sh takes no arguments; HERM_VERSION and HERM_INSTALL_DIR say which version, and where"
  release_url=${HERM_RELEASE_URL:-$release_url}
  release_url=${release_url%/}
  refuse_url
  choose_download
  choose_platform
  choose_folder
  work="" created=""
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  prepare_folder
  fetch SHA256SUMS 1
  fetch "$file" 512
  check_sum
  try_out
  mv -f "$work/$file" "$target" || fail "couldn't write $target; nothing was changed"
  tell
}

# https, or for a trial a server on this machine.
refuse_url() {
  is_loopback=
  case $release_url in
    "") fail "this copy of install.sh has no address of releases; set HERM_RELEASE_URL to it, or install.sh's own release_url" ;;
    *[![:graph:]]*) fail "the address of releases has characters that no address has" ;;
    https://?*) return ;;
  esac
  printf '%s\n' "$release_url" | grep -Eq '^http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/|$)' ||
    fail "$release_url is not https"
  is_loopback=yes
}

choose_download() {
  version=${HERM_VERSION:-latest}
  version=${version#v}
  case $version in
    latest) download=$release_url/latest/download ;;
    *[!0-9A-Za-z.+-]* | [!0-9]*) fail "HERM_VERSION is not a version such as 1.2.3" ;;
    *) download=$release_url/download/v$version ;;
  esac
  tool=curl
  is_there curl || tool=wget
  is_there $tool || fail "neither curl nor wget is installed; install one of them"
  is_there sha256sum || is_there shasum || is_there openssl ||
    fail "none of sha256sum, shasum and openssl is installed, so that nothing can be checked; install one of them"
}

is_there() {
  command -v "$1" >/dev/null 2>&1
}

choose_platform() {
  system=$(uname -s)
  machine=$(uname -m)
  program=herm
  # A translated shell on an arm64 Mac says that it is x64.
  if [ "$system" = Darwin ] && [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then machine=arm64; fi
  libc=
  if [ "$system" = Linux ] && has_musl; then libc=" with musl"; fi
  case $system:$machine:$libc in
    Linux:x86_64:) file=herm-linux-x64 ;;
    Linux:x86_64:?*) file=herm-linux-x64-musl ;;
    Linux:aarch64: | Linux:arm64:) file=herm-linux-arm64 ;;
    Darwin:arm64:) file=herm-darwin-arm64 ;;
    Darwin:x86_64:) file=herm-darwin-x64 ;;
    MINGW*:x86_64: | MSYS*:x86_64:) file=herm-windows-x64.exe program=herm.exe ;;
    *)
      say "error: there is no executable of herm for $system $machine$libc. There is one for each of these:"
      say "  Linux x64, Linux x64 with musl, Linux arm64, macOS arm64, macOS x64"
      say "  Windows x64: in Git Bash, or download herm-windows-x64.exe from $release_url"
      say "With Node 20.19 or newer it runs elsewhere too: npm install -g herm-cli"
      exit 1
      ;;
  esac
}

# Both can be on one machine: ldd tells which one its programs use; where there is no ldd, the loaders do.
has_musl() {
  case $(ldd --version 2>&1) in
    *musl*) return 0 ;;
    *GLIBC* | *"GNU libc"*) return 1 ;;
  esac
  for loader in /lib/ld-linux-* /lib64/ld-linux-*; do
    [ ! -e "$loader" ] || return 1
  done
  for loader in /lib/ld-musl-*; do
    [ ! -e "$loader" ] || return 0
  done
  return 1
}

choose_folder() {
  folder=${HERM_INSTALL_DIR:-}
  if [ -z "$folder" ]; then
    [ -n "${HOME:-}" ] || fail "HOME isn't set: set HERM_INSTALL_DIR to the folder to install into"
    folder=$HOME/.local/bin
  fi
  case $folder in
    /*) ;;
    "~"*) fail "HERM_INSTALL_DIR begins with ~, which stands for a home in a shell alone; write the folder out" ;;
    *) folder=$PWD/$folder ;;
  esac
  while [ "$folder" != / ] && [ "${folder%/}" != "$folder" ]; do folder=${folder%/}; done
  target=$folder/$program
  [ ! -d "$target" ] || fail "$target is a folder; set HERM_INSTALL_DIR to another one than $folder"
  # Somebody's own way to start herm would be lost. Of a link the name alone is replaced.
  [ -L "$target" ] || [ "$(head -c 2 "$target" 2>/dev/null)" != '#!' ] ||
    fail "$target is a script, which nothing here made; move it, or set HERM_INSTALL_DIR to another folder than $folder"
}

# The new executable is made beside the old one, so that one rename replaces it whole.
prepare_folder() {
  above=$folder
  while [ ! -e "$above" ]; do
    created=$above
    above=$(dirname "$above")
  done
  mkdir -p "$folder" || fail "couldn't make $folder; HERM_INSTALL_DIR names another folder"
  # Whatever the umask is, nobody else may put a program where this one is looked for.
  [ -z "$created" ] || chmod -R go-w "$created"
  work=$(mktemp -d "$folder/.herm-install-XXXXXX") ||
    fail "couldn't write into $folder; HERM_INSTALL_DIR names another folder"
  # One that was killed couldn't clean up. What it left goes after a day, when nothing works in it any more.
  find "$folder/." ! -name . -prune -type d -name '.herm-install-??????' -user "$(id -u)" -mtime +0 \
    -exec rm -rf {} + 2>/dev/null
}

clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  # What was made on the way to the folder and is still empty goes too.
  emptied=$folder
  while [ -n "$created" ] && rmdir "$emptied" 2>/dev/null && [ "$emptied" != "$created" ]; do
    emptied=$(dirname "$emptied")
  done
}

# fetch <file> <MiB>: into the work folder, and no more of it than that. The limit is in blocks of 512 bytes, of 1024 where
# bash reads this by its own name. Git Bash has none; its curl does without.
fetch() {
  say "downloading $download/$1"
  (
    trap '' XFSZ 2>/dev/null
    ulimit -f $(($2 * 2048)) 2>/dev/null
    "fetch_with_$tool" "$download/$1" "$work/$1" $(($2 * 1048576))
  ) || fail "couldn't download $download/$1, or it is larger than $2 MiB; nothing was installed"
}

fetch_with_curl() {
  quiet=-sS
  if [ -t 2 ]; then quiet=--progress-bar; fi
  if [ -n "$is_loopback" ]; then
    curl "$quiet" --fail --globoff --proto '=http' --connect-timeout 30 --speed-time 30 --max-filesize "$3" \
      --output "$2" "$1"
  else
    curl "$quiet" --fail --globoff --location --proto '=https' --proto-redir '=https' --connect-timeout 30 \
      --speed-time 30 --retry 3 --max-filesize "$3" --output "$2" "$1"
  fi
}

# wget can't be told to stay with https, nor BusyBox's to check certificates: its log says whether it did.
fetch_with_wget() {
  if ! LC_ALL=C wget -S -T 30 -t 3 -O "$2" "$1" >"$work/log" 2>&1 </dev/null; then
    tail -n 3 "$work/log" >&2
    return 1
  fi
  if grep -qi 'certificate validation not implemented' "$work/log"; then
    say "this wget doesn't check certificates; install curl"
    return 1
  fi
  safe='https:|/[^/]'
  [ -z "$is_loopback" ] || safe='/[^/]'
  if grep -i '^ *location: ' "$work/log" | grep -Eqiv "^ *location: ($safe)"; then
    say "it was redirected to an address that is not https"
    return 1
  fi
}

check_sum() {
  expected=
  while read -r sum name; do
    if [ "${name#\*}" = "$file" ]; then expected=$sum; fi
  done <"$work/SHA256SUMS"
  case $expected in
    "" | *[!0-9a-f]*) fail "SHA256SUMS has no checksum of $file; nothing was installed" ;;
  esac
  actual=$(sha256 "$work/$file")
  [ "$actual" = "$expected" ] ||
    fail "$file is not what SHA256SUMS says: it has ${actual:-no checksum} instead of $expected; nothing was installed"
}

sha256() {
  if is_there sha256sum; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif is_there shasum; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  else
    openssl dgst -sha256 <"$1" | sed 's/.*[= ]//'
  fi
}

# One that doesn't run must not replace one that does.
try_out() {
  chmod 755 "$work/$file"
  installed=$("$work/$file" --version 2>"$work/log" </dev/null) && return
  say "error: $file doesn't run on this machine (exit code $?); nothing was installed"
  head -n 3 "$work/log" >&2
  [ -z "$libc" ] || say "It needs libstdc++; on Alpine: apk add libstdc++"
  exit 1
}

tell() {
  say "installed herm $installed: $target"
  say "to uninstall: rm $(quoted "$target") (settings and data stay where herm config list says)"
  case :$PATH: in
    *:"$folder":*)
      first=$(command -v herm)
      [ "$first" = "$folder/herm" ] || [ "$first" = "$target" ] || say "warning: $first comes before it on your PATH"
      ;;
    *) tell_path ;;
  esac
}

tell_path() {
  line="export PATH=$(quoted "$folder"):\"\$PATH\""
  case ${SHELL:-}:$system in
    */zsh:*) startup=.zshrc ;;
    */bash:Darwin) startup=.bash_profile ;;
    */bash:*) startup=.bashrc ;;
    */fish:*)
      startup=.config/fish/config.fish
      line="fish_add_path $(quoted "$folder")"
      ;;
    *) startup=.profile ;;
  esac
  say "$folder isn't on your PATH. Add this line to ~/$startup, and open a new terminal:"
  say "  $line"
}

quoted() {
  case $1 in
    *[!0-9A-Za-z_./+-]*) printf "'%s'\n" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

main "$@"
