# shellcheck shell=bash
# Reads .env as Compose reads it, because Compose itself does: quotes, comments, `$`, duplicates, line ends, and the caller's
# environment, which wins over the file. Sourced by lib.sh, never run.

ENV_FILE=${ENV_FILE:-$root/.env}
env_json='' env_read_from=''

# One call of Compose (80 ms) per script, when lib.sh is sourced; again by the script that changed the file.
read_env() {
  [[ ! -e "$ENV_FILE" || -r "$ENV_FILE" ]] || die "$ENV_FILE cannot be read" 'the operator owns it: chown it, and chmod 600'
  if docker compose version >/dev/null 2>&1; then
    env_json=$(ask_compose 2>&1) || refuse_unread
  else
    env_json=$(plain_lines) || exit
  fi
  env_read_from=$ENV_FILE
}

# The reason may be that the programs are too old. To a line that is no setting Compose says `setenv: invalid argument`.
refuse_unread() {
  local reason=${env_json##*$'\n'}
  require_minimums
  [[ "$reason" != setenv:* ]] || reason="line $(no_setting) is no setting: it has no = in it, text behind its closing quote, or a NUL character"
  die "Compose cannot read ${ENV_FILE#"$root"/}: $reason" 'correct that line; docs/reference/configuration.md has the rules'
}

# The number of the last such line: before a line end Compose takes some of them.
no_setting() {
  LC_ALL=C tr '\000' '\001' <"$ENV_FILE" | LC_ALL=C awk -v quote="'" '
    /^[ \t\r]*(#|$)/ { next }
    !/^[^=:]+[=:]/ || /\001/ || $0 ~ "^[^=:#]*[=:][ \t]*(\"[^\"]*\"|" quote "[^" quote "]*" quote ")[ \t]*[^# \t\r]" { line = NR }
    END { print line ? line : "?" }'
}

# env_keys: prints every known setting, and every other name in the file.
env_keys() {
  local file files=("$root/.env.example")
  [[ ! -e "$ENV_FILE" ]] || files+=("$ENV_FILE")
  for file in "${files[@]}"; do
    sed -nE $'1s/^\xef\xbb\xbf//; s/^[[:space:]]*#?(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*[=:].*/\\2/p' "$file"
  done | sort -u
}

# A model that holds nothing but the settings; its JSON has one of them on each line.
# shellcheck disable=SC2016 # for Compose to fill in
ask_compose() {
  local key model file=/dev/null
  [[ ! -e "$ENV_FILE" ]] || file=$ENV_FILE
  model=$'name: slipway\nservices:\n  env:\n    image: none\n    environment:\n      COMPOSE_PROJECT_NAME: "${COMPOSE_PROJECT_NAME}"\n'
  for key in $(env_keys); do [[ "$key" == COMPOSE_PROJECT_NAME ]] || model+="      $key: \"\${$key:-}\""$'\n'; done
  docker compose --project-directory "$root" --file - --env-file "$file" config --format json <<<"$model"
}

# Without Compose only lines that every reader understands alike are accepted; lines that need the rules of Compose are refused.
plain_lines() {
  local line key number=0
  {
    [[ ! -e "$ENV_FILE" ]] || cat "$ENV_FILE"
    # A last line without its end.
    printf '\n'
  } | while IFS= read -r line; do
    number=$((number + 1))
    [[ "$line" =~ ^[A-Za-z_][A-Za-z0-9_]*=([][A-Za-z0-9_./:@%+,*=?&-]([][A-Za-z0-9_./:@%+,*=?&\ -]*[][A-Za-z0-9_./:@%+,*=?&-])?)?$ ]] ||
      [[ "$line" =~ ^[[:space:]]*(#.*)?$ ]] ||
      die "line $number of ${ENV_FILE#"$root"/} can only be read by Docker Compose, which is not here" 'install Docker Compose, or write it as KEY=value without quotes, $ or a comment behind it'
    [[ "$line" != [A-Za-z_]*=* ]] || printf '        "%s": "%s"\n' "${line%%=*}" "${line#*=}"
  done || exit
  for key in $(env_keys); do
    [[ -z "${!key+set}" ]] || printf '        "%s": "%s"\n' "$key" "$(escape "${!key}")"
  done
}

# escape TEXT: as Compose writes it into JSON.
escape() {
  # shellcheck disable=SC1003 # backslashes, which escape nothing in single quotes
  local text=${1//'\'/'\\'}
  text=${text//'"'/'\"'}
  text=${text//$'\n'/'\n'}
  printf '%s' "${text//'$'/'$$'}"
}

# env_value KEY DEFAULT: prints the value that Compose reads, else the default. An empty value counts as not set.
env_value() {
  local pattern value=''
  [[ "$ENV_FILE" == "$env_read_from" ]] || read_env
  pattern=$'\n        "'"$1"'": "(([^"\\]|\\.)*)"'
  # The last of them: without Compose there may be several.
  pattern="(.*)$pattern"
  [[ ! $'\n'$env_json =~ $pattern ]] || value=${BASH_REMATCH[2]}
  [[ "$value" != *[\\\$]* ]] || unescape
  printf '%s' "${value:-$2}"
}

# In `value`: JSON, in which Compose has doubled each $. What is left after the first three printf knows.
unescape() {
  value=${value//'$$'/'$'}
  # shellcheck disable=SC1003 # as above
  value=${value//'\\'/'\0134'}
  value=${value//'\"'/'"'}
  printf -v value %b "$value"
}

# path_in_env KEY DEFAULT: a folder that .env names, as an absolute path.
path_in_env() { path_of "$(env_value "$1" "$2")"; }
