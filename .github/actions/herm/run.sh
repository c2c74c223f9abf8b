#!/usr/bin/env bash
# Runs herm with the words of the action's input, and hands on what it ends with. A step's summary is herm's own to write.
set -euo pipefail

end_with() {
  echo "exit-code=$1" >>"$GITHUB_OUTPUT"
  exit "$1"
}

# A mask is for one line; in a command of the log % begins an escape.
mask() {
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    if [[ -n $line ]]; then printf '::add-mask::%s\n' "${line//%/%25}"; fi
  done <<<"$1"
}

if [[ -n $ACTION_API_KEY ]]; then export HERM_API_KEY=$ACTION_API_KEY; fi
unset ACTION_API_KEY
mask "${HERM_API_KEY:-}"
mask "${PRISM_API_KEY:-}"

# xargs takes quotes away as a shell does, and expands nothing.
list=$RUNNER_TEMP/herm-words
if [[ ! $ACTION_COMMAND =~ [^[:space:]] ]] || ! xargs printf '%s\0' <<<"$ACTION_COMMAND" >"$list"; then
  echo "::error::the input command can't be read as words"
  end_with 2
fi
words=()
while IFS= read -r -d '' word; do words+=("$word"); done <"$list"
rm "$list"

# On Windows this bash would make a path of its own of every word that begins with a slash.
code=0
MSYS2_ARG_CONV_EXCL='*' "$RUNNER_TEMP/herm/herm" "${words[@]}" || code=$?
end_with "$code"
