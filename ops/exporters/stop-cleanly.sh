#!/bin/sh
# Runs an exporter and ends with 0 when it was asked to stop. The exporters have no handler for SIGTERM, so every stop
# would look like a crash (143); a crash keeps its own code. POSIX shell: the exporters' images have busybox only.
#   stop-cleanly.sh /bin/node_exporter --path.procfs=/host/proc
"$@" &
program=$!
trap 'asked=yes; kill -TERM "$program"; wait "$program"' TERM INT
wait "$program"
code=$?
[ "${asked:-no}" = no ] || exit 0
exit "$code"
