# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of glovebox(1) for fish.

function __glovebox_sessions
    glovebox ps 2>/dev/null | awk 'NR > 1 && !/ ended: / { print $1; if ($2 !~ /^(starting|running|paused|stopping)$/) print $2 }'
end

function __glovebox_templates
    glovebox policy template 2>/dev/null
end

function __glovebox_ids
    glovebox $argv[1] --json 2>/dev/null | string match -ar '"id":[0-9]+' | string replace '"id":' ''
end

set -l verbs run ps exec stop kill pause resume screenshot act windows lease device net listen publish record recording replay secret prompts allow deny grants revoke clipboard mcp view policy audit prove doctor

complete -c glovebox -f
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -l system -d "Ask the machine's broker, over the system bus"
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a run -d 'Start a session and run a command in it'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a ps -d 'List the sessions'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a exec -d 'Run a command in a session'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a stop -d 'End sessions'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a kill -d 'End sessions at once'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a pause -d 'Freeze all processes of sessions'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a resume -d 'Let paused sessions go on'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a screenshot -d 'Save the screen of a session as a PNG'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a act -d 'Do actions in a session'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a windows -d 'List the windows of a session'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a lease -d 'Take a session over, or give it back'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a device -d 'Give a session a device, and take it back'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a net -d "List what a session is connected to, and cut it"
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a listen -d "Listen to what a session's programs play"
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a publish -d "Show a session's screen to recorders"
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a record -d 'Record what happens in a session, and its screen'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a recording -d 'Look into recordings'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a replay -d 'Do recorded sessions again, and say where they go another way'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a secret -d 'Store secrets that sessions use and never see'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a prompts -d 'List what sessions ask'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a allow -d 'Answer a prompt with yes'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a deny -d 'Answer prompts with no'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a grants -d 'List what was allowed and still holds'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a revoke -d 'End grants, and what was opened with them'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a clipboard -d 'Carry the clipboard into and out of a session'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a mcp -d 'Serve an agent that speaks MCP'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a view -d 'Watch sessions live'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a policy -d 'Check and show policies'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a audit -d 'Read and check the records of sessions'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a prove -d 'Try to escape from a session'
complete -c glovebox -n "not __fish_seen_subcommand_from $verbs" -a doctor -d 'Say what this host can enforce'

complete -c glovebox -n '__fish_seen_subcommand_from exec stop kill pause resume screenshot act windows lease device net listen publish record view' -a '(__glovebox_sessions)'
complete -c glovebox -n '__fish_seen_subcommand_from ps windows device publish prompts grants doctor run audit' -l json -d 'As JSON'

complete -c glovebox -n '__fish_seen_subcommand_from run mcp replay' -s p -l policy -r -F -d 'Policy file'
complete -c glovebox -n '__fish_seen_subcommand_from run mcp' -s t -l template -x -a '(__glovebox_templates)' -d 'Policy template'
complete -c glovebox -n '__fish_seen_subcommand_from run' -s n -l name -x -d 'Name of the session'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l tier -x -a 'process session micro-vm' -d 'Isolation'
complete -c glovebox -n '__fish_seen_subcommand_from run mcp replay' -s w -l workspace -x -a '(__fish_complete_directories)' -d 'Folder of the work'
complete -c glovebox -n '__fish_seen_subcommand_from run exec' -s e -l env -x -d 'Environment, NAME=VALUE'
complete -c glovebox -n '__fish_seen_subcommand_from run exec' -l cwd -x -d 'Working directory in the session'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l timeout -x -d 'End after these seconds'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l persist -x -d 'Keep the home folder under this name'
complete -c glovebox -n '__fish_seen_subcommand_from run' -s d -l detach -d 'Leave it running'
complete -c glovebox -n '__fish_seen_subcommand_from mcp' -l keep -d 'Sessions go on when the client has gone'
complete -c glovebox -n '__fish_seen_subcommand_from exec' -l debug -d 'May trace processes of the session'
complete -c glovebox -n '__fish_seen_subcommand_from net' -l json -d 'The list as JSON'
complete -c glovebox -n '__fish_seen_subcommand_from net' -l close -x -d 'Cut the connection of that number'
complete -c glovebox -n '__fish_seen_subcommand_from listen' -s o -l output -r -F -d 'Where the WAV goes'
complete -c glovebox -n '__fish_seen_subcommand_from screenshot act' -s o -l output -r -F -d 'File of the image'
complete -c glovebox -n '__fish_seen_subcommand_from act' -l dialect -x -a 'auto glovebox anthropic openai gemini' -d 'Actions are calls as a model emits them'
complete -c glovebox -n '__fish_seen_subcommand_from act' -l size -x -a '1024x768 1280x800 1366x768' -d 'Size of the screen that the model was told'
complete -c glovebox -n '__fish_seen_subcommand_from lease' -l take -d 'Take over'
complete -c glovebox -n '__fish_seen_subcommand_from lease' -l release -d 'Give back'
complete -c glovebox -n '__fish_seen_subcommand_from listen' -l stop -d 'End it, whoever listens'
complete -c glovebox -n '__fish_seen_subcommand_from publish' -a 'on off'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l deterministic -d 'Clock, locale, fonts and seed the same each time'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l record -x -a '(__fish_complete_directories)' -d 'Record the session into this new folder'
complete -c glovebox -n '__fish_seen_subcommand_from record' -s o -l output -x -a '(__fish_complete_directories)' -d 'Where the recording goes: a new folder'
complete -c glovebox -n '__fish_seen_subcommand_from run record' -l mask -x -d 'X,Y,W,H: black in the recording'
complete -c glovebox -n '__fish_seen_subcommand_from run record' -l mask-window -x -d 'Windows that are black in the recording'
complete -c glovebox -n '__fish_seen_subcommand_from run record' -l max-mb -x -d 'Size of the recording'
complete -c glovebox -n '__fish_seen_subcommand_from recording; and not __fish_seen_subcommand_from show test video' -a 'show test video'
complete -c glovebox -n '__fish_seen_subcommand_from recording; and __fish_seen_subcommand_from show test video' -a '(__fish_complete_directories)'
complete -c glovebox -n '__fish_seen_subcommand_from recording; and __fish_seen_subcommand_from show' -l json -d 'As JSON'
complete -c glovebox -n '__fish_seen_subcommand_from recording; and __fish_seen_subcommand_from video' -l progress -d 'Print percents'
complete -c glovebox -n '__fish_seen_subcommand_from view' -l recording -r -a '(__fish_complete_directories)' -d 'Open this recording'
complete -c glovebox -n '__fish_seen_subcommand_from recording; and __fish_seen_subcommand_from test video' -s o -l output -r -F -d 'Where it goes'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -F
complete -c glovebox -n '__fish_seen_subcommand_from replay' -l report -x -a '(__fish_complete_directories)' -d 'Write a page about it into this folder'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -l junit -r -F -d 'Write JUnit XML'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -s u -l update -d 'Take what is seen as what is expected'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -l compare -x -a 'exact perceptual' -d 'How screens are compared'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -s j -l jobs -x -d 'So many tests at a time'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -l shard -x -d 'PART/PARTS: only this part'
complete -c glovebox -n '__fish_seen_subcommand_from replay' -l deterministic -d 'Clock, locale, fonts and seed the same each time'
complete -c glovebox -n '__fish_seen_subcommand_from secret' -a 'set list remove'
complete -c glovebox -n '__fish_seen_subcommand_from device' -a 'camera microphone speaker on off mute unmute'
complete -c glovebox -n '__fish_seen_subcommand_from allow deny' -a '(__glovebox_ids prompts)'
complete -c glovebox -n '__fish_seen_subcommand_from revoke' -a '(__glovebox_ids grants)'
complete -c glovebox -n '__fish_seen_subcommand_from allow' -l once -d 'This one time'
complete -c glovebox -n '__fish_seen_subcommand_from allow' -l session -d 'As long as the session lives'
complete -c glovebox -n '__fish_seen_subcommand_from allow' -l for -x -d 'For these seconds'
complete -c glovebox -n '__fish_seen_subcommand_from clipboard; and not __fish_seen_subcommand_from put get' -a 'put get'
complete -c glovebox -n '__fish_seen_subcommand_from clipboard; and __fish_seen_subcommand_from put get' -a '(__glovebox_sessions)'
complete -c glovebox -n '__fish_seen_subcommand_from clipboard; and __fish_seen_subcommand_from put' -F
complete -c glovebox -n '__fish_seen_subcommand_from clipboard' -l type -x -a 'text/plain text/html image/png text/uri-list' -d 'What it is'
complete -c glovebox -n '__fish_seen_subcommand_from clipboard' -l primary -d 'The primary selection'
complete -c glovebox -n '__fish_seen_subcommand_from clipboard' -l uses -x -d 'How often it may be pasted'
complete -c glovebox -n '__fish_seen_subcommand_from clipboard' -s o -l output -r -F -d 'File of what is taken'
complete -c glovebox -n '__fish_seen_subcommand_from device allow' -l source -r -F -a 'test-pattern tone silence host' -d 'What to give instead'
complete -c glovebox -n '__fish_seen_subcommand_from allow' -l file -r -F -d 'The file that it asks for'
complete -c glovebox -n '__fish_seen_subcommand_from policy' -a 'check show template' -F
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from check' -l connect -x -d 'HOST:PORT to judge'
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from check' -l json -d 'As JSON'
complete -c glovebox -n '__fish_seen_subcommand_from audit' -a 'show verify'
complete -c glovebox -n '__fish_seen_subcommand_from prove' -l policy -r -F -d 'Policy file'
