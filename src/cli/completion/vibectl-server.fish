# fish completion for vibectl-server. Keep it: vibectl-server completion fish > ~/.config/fish/completions/vibectl-server.fish
function __vibectl_server_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r -- '^~/' "$HOME/" "$typed[1]")
    type -q -- $program
    or set program vibectl-server
    set -l answers ($program completion fish -- $typed[2..-1] "$current" 2>/dev/null)
    set -l flag (string match -r -- '^--[^=]*=' "$current")
    set -l value (string replace -r -- '^--[^=]*=' '' "$current")
    switch "$answers[1]"
        case :files
            for path in (__fish_complete_path "$value")
                printf '%s%s\n' "$flag" "$path"
            end
        case :folders
            for path in (__fish_complete_directories "$value" '')
                printf '%s%s\n' "$flag" "$path"
            end
        case '*'
            printf '%s\n' $answers
    end
end
complete -c vibectl-server -e
complete -c vibectl-server -f -k -a '(__vibectl_server_complete)'
