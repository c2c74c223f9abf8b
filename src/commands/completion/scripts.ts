/**
 * Scripts that ask `herm completion words` for what may stand at the cursor: a word a line, behind a tab what it is. A
 * line of one tab asks for the shell's own file names; bash 3.2, which macOS has, can't, and offers them wherever
 * nothing else is.
 */
export const completionScripts: ReadonlyMap<string, string> = new Map([
  [
    "bash",
    `# herm: completion for bash
_herm() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == $'\\t' ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("$line")
    fi
  done < <(herm completion words bash -- "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
}
if type compopt >/dev/null 2>&1; then
  complete -F _herm herm
else
  complete -o default -F _herm herm
fi
`,
  ],
  [
    "zsh",
    `#compdef herm
_herm() {
  local line files= has_about= width=0
  local -a found about shown
  while IFS= read -r line; do
    [[ $line == $'\\t' ]] && files=1 && continue
    [[ $line == *$'\\t'* ]] && has_about=1
    found+=("\${line%%$'\\t'*}")
    about+=("\${\${line#\${found[-1]}}#$'\\t'}")
    (( $#found[-1] > width )) && width=$#found[-1]
  done < <(herm completion words zsh -- "\${(@)\${(@Q)words[2,CURRENT-1]}}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)
  if [[ -n $files ]]; then
    compset -P '*='
    _files
  elif [[ -n $has_about ]]; then
    for line in {1..$#found}; do shown+=("\${(r:width:)found[line]}  \${about[line]}"); done
    compadd -l -d shown -a found
  else
    compadd -a found
  fi
}
if [[ $funcstack[1] == _herm ]]; then _herm "$@"; else compdef _herm herm; fi
`,
  ],
  [
    "fish",
    `# herm: completion for fish
function __herm_words
  set -l token (commandline -ct)
  set -l typed (commandline -xpc 2>/dev/null; or commandline -opc)
  set -l found (herm completion words fish -- $typed[2..-1] "$token" 2>/dev/null </dev/null)
  if test "$found" = \\t
    set -l flag (string match -r -- '^--?[\\w-]+=' "$token")
    for path in (__fish_complete_path (string sub -s (math 1 + (string length -- "$flag")) -- "$token"))
      echo -- "$flag$path"
    end
  else if set -q found[1]
    printf '%s\\n' $found
  end
end
complete -c herm -f -a '(__herm_words)'
`,
  ],
]);
