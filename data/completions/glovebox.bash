# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of glovebox(1) for bash.

_glovebox_sessions ()
{
  glovebox ps 2>/dev/null | awk 'NR > 1 && !/ ended: / { print $1; if ($2 !~ /^(starting|running|paused|stopping)$/) print $2 }'
}

# $1: prompts or grants
_glovebox_ids ()
{
  glovebox "$1" --json 2>/dev/null | grep -o '"id":[0-9]*' | cut -d: -f2
}

_glovebox ()
{
  local cur prev verb
  local verbs='run ps exec stop kill pause resume screenshot act windows lease device net listen publish record recording replay secret prompts allow deny grants revoke clipboard mcp view policy audit prove doctor help'

  COMPREPLY=()
  cur=${COMP_WORDS[COMP_CWORD]}
  prev=${COMP_WORDS[COMP_CWORD - 1]}
  verb=${COMP_WORDS[1]}

  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$verbs --system --help --version" -- "$cur")
    return
  fi

  # Numbers of the machine's prompts and grants would take a password.
  if [ "$verb" = --system ]; then
    [ "$COMP_CWORD" -eq 2 ] && mapfile -t COMPREPLY < <(compgen -W 'ps prompts allow deny grants revoke' -- "$cur")
    return
  fi

  # After --, it is another program's command line.
  if [ "$verb" = run ] || [ "$verb" = exec ]; then
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [ "${COMP_WORDS[i]}" = -- ]; then
        if [ "$((i + 1))" -eq "$COMP_CWORD" ]; then
          mapfile -t COMPREPLY < <(compgen -c -- "$cur")
        else
          mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        fi
        return
      fi
    done
  fi

  case $prev in
    --compare)
      mapfile -t COMPREPLY < <(compgen -W 'exact perceptual' -- "$cur")
      return ;;
    -p | --policy | -o | --output | --junit)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    -w | --workspace | --record | --report)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
    -t | --template | template)
      mapfile -t COMPREPLY < <(compgen -W "$(glovebox policy template 2>/dev/null)" -- "$cur")
      return ;;
    --type)
      mapfile -t COMPREPLY < <(compgen -W 'text/plain text/html image/png text/uri-list' -- "$cur")
      return ;;
    --dialect)
      mapfile -t COMPREPLY < <(compgen -W 'auto glovebox anthropic openai gemini' -- "$cur")
      return ;;
    --size)
      mapfile -t COMPREPLY < <(compgen -W '1024x768 1280x800 1366x768' -- "$cur")
      return ;;
    --tier)
      mapfile -t COMPREPLY < <(compgen -W 'process session micro-vm' -- "$cur")
      return ;;
  esac

  local options='--help'
  case $verb in
    run) options+=' --policy --template --name --tier --workspace --env --cwd --timeout --persist --detach --json --deterministic --record --mask --mask-window --max-mb --' ;;
    exec) options+=' --env --cwd --debug --' ;;
    ps | windows | publish | prompts | grants | doctor) options+=' --json' ;;
    device) options+=' --json --source' ;;
    allow) options+=' --once --session --for --file --source' ;;
    screenshot) options+=' --output' ;;
    act) options+=' --output --dialect --size' ;;
    net) options+=' --json --close' ;;
    listen) options+=' --output --stop' ;;
    record) options+=' --output --mask --mask-window --max-mb' ;;
    recording)
      [ "$COMP_CWORD" -eq 2 ] && options='show test video --help'
      [ "${COMP_WORDS[2]}" = show ] && options+=' --json'
      [[ ${COMP_WORDS[2]} == @(test|video) ]] && options+=' --output'
      [ "${COMP_WORDS[2]}" = video ] && options+=' --progress' ;;
    view) options+=' --recording' ;;
    replay) options+=' --report --junit --update --compare --jobs --shard --deterministic --policy --workspace' ;;
    lease) options+=' --take --release' ;;
    mcp) options+=' --policy --template --workspace --keep' ;;
    prove) options+=' --policy' ;;
    clipboard)
      [ "$COMP_CWORD" -eq 2 ] && options='put get --help'
      [ "${COMP_WORDS[2]}" = put ] && options+=' --type --primary --uses'
      [ "${COMP_WORDS[2]}" = get ] && options+=' --type --primary --output' ;;
    policy)
      [ "$COMP_CWORD" -eq 2 ] && options='check show template --help'
      [ "${COMP_WORDS[2]}" = check ] && options+=' --connect --json'
      [ "${COMP_WORDS[2]}" = show ] && options+=' --template --words' ;;
    secret) [ "$COMP_CWORD" -eq 2 ] && options='set list remove --help' ;;
    audit) [ "$COMP_CWORD" -eq 2 ] && options='show verify --help' || options+=' --json' ;;
  esac

  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    return
  fi

  if [ "$verb" = publish ] && [ "$COMP_CWORD" -gt 2 ]; then
    mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$cur")
    return
  fi

  if [ "$verb" = device ] && [ "$COMP_CWORD" -gt 2 ]; then
    case $COMP_CWORD in
      3) mapfile -t COMPREPLY < <(compgen -W 'camera microphone speaker' -- "$cur") ;;
      4) mapfile -t COMPREPLY < <(compgen -W 'on off mute unmute' -- "$cur") ;;
    esac
    return
  fi

  case $verb in
    exec | stop | kill | pause | resume | screenshot | act | windows | lease | device | net | listen | publish | record | view)
      mapfile -t COMPREPLY < <(compgen -W "$(_glovebox_sessions)" -- "$cur") ;;
    allow | deny)
      mapfile -t COMPREPLY < <(compgen -W "$(_glovebox_ids prompts)" -- "$cur") ;;
    revoke)
      mapfile -t COMPREPLY < <(compgen -W "$(_glovebox_ids grants)" -- "$cur") ;;
    replay)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    recording)
      if [ "$COMP_CWORD" -eq 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      fi ;;
    clipboard)
      if [ "$COMP_CWORD" -eq 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
      elif [ "$COMP_CWORD" -eq 3 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_glovebox_sessions)" -- "$cur")
      elif [ "${COMP_WORDS[2]}" = put ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      fi ;;
    policy)
      if [ "$COMP_CWORD" -eq 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      fi ;;
    secret)
      if [ "$COMP_CWORD" -eq 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -W "$(glovebox secret list 2>/dev/null)" -- "$cur")
      fi ;;
    audit)
      [ "$COMP_CWORD" -eq 2 ] && mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur") ;;
    help)
      mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
  esac
}

complete -F _glovebox glovebox
