
# bash cuts words at `=` and `:`; to editree `seed=7` is one.
_editree() {
    local word home glue=false words=() at=0 i
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]} > 0)) && { $glue || [[ $word =~ ^[=:]+$ ]]; }; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        [[ $word =~ ^[=:]+$ ]] && glue=true || glue=false
        ((i == COMP_CWORD)) && at=$((${#words[@]} - 1))
    done
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$at current=${words[at]}
    _clap_complete_editree "$1" "$current" "$3"
    local told=${current%"${current##*[=:]}"}
    # What is inserted is read by the shell: a name of a file is one word and runs nothing.
    for i in "${!COMPREPLY[@]}"; do
        word=${COMPREPLY[i]#"$told"} home=
        [[ $word == '~/'* ]] && home='~/' word=${word#'~/'}
        [[ -z $word ]] || printf -v word %q "$word"
        COMPREPLY[i]=$home$word
    done
}
complete -o nospace -o bashdefault -F _editree editree
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F _editree editree
fi
