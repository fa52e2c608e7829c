# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# The demonstration's agent. It runs inside the session: it sees the session's display and its action socket, and
# nothing of the person's. It starts gnome-calculator and works it through glovebox-act as a model would, one JSON
# action at a time. What it prints is what ./run shows. It stays until its standard input says so.

pause=${DEMO_PAUSE:-}

act ()  # JSON: does it; the result, or a failure that ends the demonstration
{
  result=$(glovebox-act "$1" </dev/null) || { echo "failed: the action $1: $result"; exit 1; }
}

look_slowly ()  # a person watches: each step stays visible for a moment
{
  [ -z "$pause" ] || act "{\"action\": \"wait\", \"duration\": $pause}"
}

echo "I am $(id -un), user id $(id -u), in a desktop of my own"

gnome-calculator </dev/null >/dev/null 2>&1 &
# The window is there when it has the keyboard's focus, and ready when the screen has come to rest.
tries=0
while :; do
  act '{"action": "wait", "duration": 0.02, "settle": {"quietMs": 100, "maxMs": 10000}}'
  case $result in *'"appId":"org.gnome.Calculator"'*) break ;; esac
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { echo "failed: gnome-calculator does not show"; exit 1; }
done
echo "gnome-calculator is on the screen and has the keyboard"
look_slowly

for key in 1 2 asterisk 3 4 Return; do
  act "{\"action\": \"key\", \"text\": \"$key\", \"settle\": {\"quietMs\": 60, \"maxMs\": 2000}}"
  look_slowly
done
case $result in
  *'"settled":true'*) echo "typed 12*34 and Return, and the screen is at rest" ;;
  *) echo "typed 12*34 and Return" ;;
esac

glovebox-act -o "$HOME/seen.png" '{"action": "screenshot"}' </dev/null >/dev/null || { echo "failed: no screenshot"; exit 1; }
echo "took a screenshot of $(wc -c <"$HOME/seen.png") bytes"

echo "done: the calculator stays open"
read -r _ || :
