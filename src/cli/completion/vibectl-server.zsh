#compdef vibectl-server
# zsh completion for vibectl-server. Load it behind compinit in ~/.zshrc: source <(vibectl-server completion zsh)
_vibectl_server() {
  local program=${(Q)words[1]} answer
  local -a typed candidates
  program=${program/#\~\//$HOME/}
  (( $+commands[$program] )) || [[ -x $program ]] || program=vibectl-server
  typed=("${(@Q)words[2,CURRENT-1]}")
  for answer in "${(@f)$("$program" completion zsh -- "${typed[@]}" "$PREFIX" 2>/dev/null)}"; do
    case $answer in
      '') ;;
      :files|:folders)
        compset -P '--*='
        if [[ $answer == :files ]]; then _files; else _files -/; fi
        return ;;
      *)
        answer=${answer//:/\\:}
        candidates+=("${answer/$'\t'/:}") ;;
    esac
  done
  _describe -V vibectl-server candidates
}
if [[ $funcstack[1] == _vibectl-server ]]; then
  _vibectl_server "$@"
elif (( $+functions[compdef] )); then
  compdef _vibectl_server vibectl-server
else
  print -u2 'vibectl-server: load the completion behind compinit: autoload -Uz compinit && compinit'
fi
