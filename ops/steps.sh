# shellcheck shell=bash
# One line for each step of a long command, with its seconds. What the programs of a step print is hidden; V=1 shows it. Sourced
# after lib.sh, never run.

readonly ticks_every_s=10 shown_lines=40
step_begun=$SECONDS
# Read by compose() of lib.sh, in the scripts that this one calls too.
export compose_progress=quiet
[[ "${V:-}" != 1 ]] || compose_progress=plain

# done_step WHAT: with the seconds since the last one.
done_step() {
  say "$1 ($((SECONDS - step_begun)) s)"
  step_begun=$SECONDS
}

# quietly WHAT COMMAND...: says every few seconds how far it is. The end of what it printed is shown when it fails.
quietly() {
  local what=$1 code=0 log ticker
  local -x compose_progress=plain
  shift
  step_begun=$SECONDS
  if [[ "${V:-}" == 1 ]]; then
    say "$what"
    "$@" >&2 || code=$?
  else
    log=$(mktemp)
    tick "$what" "$log" &
    ticker=$!
    "$@" >"$log" 2>&1 || code=$?
    kill "$ticker" 2>/dev/null || true
    ((code == 0)) || tail -n "$shown_lines" "$log" >&2
    rm "$log"
  fi
  ((code == 0)) || die "$what failed (exit code $code)" "the end of what it printed is above; all of it: V=1 ${0#"$root"/}"
  done_step "$what"
}

# tick WHAT LOG: runs until it or the script is killed. `sleep` holds none of the script's streams, whose readers would wait for it.
tick() {
  local begun=$SECONDS line
  while sleep "$ticks_every_s" >/dev/null 2>&1 && kill -0 "$$" 2>/dev/null; do
    line=$(tail -n 1 "$2" | tr -d '[:cntrl:]')
    say "$1: $((SECONDS - begun)) s so far${line:+, at: ${line:0:100}}"
  done
}
