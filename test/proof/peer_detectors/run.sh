#!/bin/bash
# Runs every detector on the same streams, each in a Python environment of its own (pinned in
# requirements-*.txt), and prints the table. Usage: run.sh [FOLDER], .build/peers
# by default; answers that are there already are kept. Half an hour of processor time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../.build/peers}
mkdir -p "$folder/streams" "$folder/answers"
for tool in evidently alibi-detect river nannyml; do
  venv="$folder/venv-$tool"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r "$here/requirements-$tool.txt"
done
[ -e "$folder/streams/quiet-0.stream.csv" ] ||
  "$folder/venv-river/bin/python" "$here/streams.py" "$folder/streams"
for tool in evidently alibi-detect river nannyml; do
  answer="$folder/answers/$tool.json"
  [ -s "$answer" ] && continue
  script="$here/$(echo "$tool" | cut -d- -f1)_alarms.py"
  "$folder/venv-$tool/bin/python" "$script" "$folder/streams" > "$answer.part"
  mv "$answer.part" "$answer"
done
exec node "$here/../../../.build/test/proof/peer-detectors.js" --folder "$folder" "${@:2}"
