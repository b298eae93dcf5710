# bash completion for vibectl-server. Load it in ~/.bashrc: source <(vibectl-server completion bash)
_vibectl_server() {
  local program=${COMP_WORDS[0]/#\~\//$HOME/}
  [[ -n $(type -P -- "$program") ]] || program=vibectl-server
  # bash takes words apart at = and : too; what no blank divides belongs together.
  local rest=${COMP_LINE:0:COMP_POINT} words=() word gap stem=
  for word in "${COMP_WORDS[@]:0:COMP_CWORD}" ''; do
    gap=${rest%%[![:blank:]]*}
    rest=${rest#"$gap"}
    if [[ -n $gap || ${#words[@]} -eq 0 ]]; then
      stem=
      words+=("$word")
    else
      stem=${words[${#words[@]} - 1]}
      words[${#words[@]} - 1]+=$word
    fi
    rest=${rest#"$word"}
  done
  words[${#words[@]} - 1]+=$rest
  [[ $rest =~ ^[=:]+$ ]] && stem+=$rest
  local answer description
  COMPREPLY=()
  while IFS=$'\t' read -r answer description; do
    case $answer in
      :files) compopt -o default 2>/dev/null ;;
      :folders) compopt -o dirnames 2>/dev/null ;;
      *) COMPREPLY+=("${answer#"$stem"}") ;;
    esac
  done < <("$program" completion bash -- "${words[@]:1}" 2>/dev/null)
  compopt -o nosort 2>/dev/null
}
complete -F _vibectl_server vibectl-server
