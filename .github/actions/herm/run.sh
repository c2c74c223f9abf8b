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

# The words of the input, as a shell reads them but with nothing expanded; fails where a quote stays open.
words=()
read_words() {
  local text=$1 quote="" word="" has_word="" at char
  for ((at = 0; at < ${#text}; at++)); do
    char=${text:at:1}
    case $quote$char in
      "''" | '""') quote="" ;;
      "'"?) word+=$char ;;
      \\ | \"\\)
        at=$((at + 1))
        char=${text:at:1}
        # It takes the end of a line away; in quotes it stays before all but these.
        if [[ -z $char || $char == $'\n' ]]; then continue; fi
        if [[ -n $quote && $char != [\"\\\$\`] ]]; then word+=\\; fi
        word+=$char
        has_word=yes
        ;;
      '"'?) word+=$char ;;
      [\'\"])
        quote=$char
        has_word=yes
        ;;
      [[:space:]])
        if [[ -n $has_word ]]; then words+=("$word"); fi
        word=""
        has_word=""
        ;;
      *)
        word+=$char
        has_word=yes
        ;;
    esac
  done
  if [[ -n $has_word ]]; then words+=("$word"); fi
  [[ -z $quote ]]
}

if ! read_words "$ACTION_COMMAND" || [[ ${#words[@]} == 0 ]]; then
  echo "::error::the input command can't be read as words"
  end_with 2
fi

# On Windows this bash would make a path of its own of every word that begins with a slash.
code=0
MSYS2_ARG_CONV_EXCL='*' "$RUNNER_TEMP/herm/herm" "${words[@]}" || code=$?
end_with "$code"
