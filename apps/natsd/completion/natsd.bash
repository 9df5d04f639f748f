# Completion of natsd's command line for bash. Flags may be given with one dash or two; offered is
# the form that `natsd --help` shows.

_natsd_flags='-a --addr --net -p --port -n --name --server_name -P --pid -m --http_port
    -ms --https_port -c --config -t --reload-check --reload_check --json -sl --signal
    --client_advertise --ports_file_dir --workers
    -l --log -T --logtime --logtime_utc -s --syslog -r --remote_syslog -D --debug -V --trace
    -VV -DV -DVV --log_size_limit --max_traced_msg_len
    -js --jetstream -sd --store_dir
    --user --pass --auth
    --tls --tlscert --tlskey --tlsverify --tlscacert
    --routes --cluster --cluster_listen --cluster_name --no_advertise --cluster_advertise
    --connect_retries
    --profile
    -h --help -v --version --help_tls'

# The value of a flag: files, folders, words, or nothing for what only the user can know.
_natsd_value()
{
    local flag=${1#-} cur=$2

    flag=-${flag#-} # with one dash, however it was given

    case $flag in
    -c | -config | -reload-check | -reload_check | -P | -pid | -l | -log | -tlscert | -tlskey | \
        -tlscacert)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        ;;
    -ports_file_dir | -sd | -store_dir)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        ;;
    -sl | -signal)
        mapfile -t COMPREPLY < <(compgen -W 'ldm stop quit term reopen reload' -- "$cur")
        ;;
    -a | -addr | -net)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
        ;;
    -p | -port | -n | -name | -server_name | -m | -http_port | -ms | -https_port | \
        -client_advertise | -workers | -r | -remote_syslog | -log_size_limit | \
        -max_traced_msg_len | -user | -pass | -auth | -routes | -cluster | -cluster_listen | \
        -cluster_name | -cluster_advertise | -connect_retries | -profile)
        ;;
    *)
        return 1
        ;;
    esac
}

_natsd()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

    COMPREPLY=()
    if [[ $cur == = ]]; then # "--flag=": bash makes a word of the sign
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $prev in
    ldm | stop | quit | term | reopen | reload) # "--signal reload=": the path of a PID file
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    -*)
        _natsd_value "$prev" "$cur" && return
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$_natsd_flags" -- "$cur")
}

complete -F _natsd natsd
