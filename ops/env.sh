# shellcheck shell=bash
# Reads .env as Compose reads it, because Compose itself does: quotes, comments, `$`, duplicates, line ends, and the caller's
# environment, which wins over the file. Sourced by lib.sh, never run.

ENV_FILE=${ENV_FILE:-$root/.env}
env_json='' env_read_from=''

# One call of Compose (80 ms) per script, when lib.sh is sourced; again by whoever changed the file.
read_env() {
  [[ ! -e "$ENV_FILE" || -r "$ENV_FILE" ]] || die "$ENV_FILE cannot be read" 'the operator owns it: chown it, and chmod 600'
  if docker compose version >/dev/null 2>&1; then
    env_json=$(ask_compose 2>&1) || refuse_unread
  else
    env_json=$(plain_lines) || exit
  fi
  env_read_from=$ENV_FILE
}

# The reason may be that the programs are too old.
refuse_unread() {
  require_minimums
  die "Compose cannot read ${ENV_FILE#"$root"/}: ${env_json##*$'\n'}" 'correct that line; docs/reference/configuration.md has the rules'
}

# env_keys: every setting there is, and every other name that the file has.
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

# Without Compose only what every reader understands alike is taken; what needs its rules is refused and never guessed.
plain_lines() {
  local line key number=0
  {
    [[ ! -e "$ENV_FILE" ]] || cat "$ENV_FILE"
    # A last line without its end.
    printf '\n'
  } | while IFS= read -r line; do
    number=$((number + 1))
    [[ "$line" =~ ^[A-Za-z_][A-Za-z0-9_]*=([A-Za-z0-9_./:@%+,*-]([A-Za-z0-9_./:@%+,*\ -]*[A-Za-z0-9_./:@%+,*-])?)?$ ]] ||
      [[ "$line" =~ ^[[:space:]]*(#.*)?$ ]] ||
      die "line $number of ${ENV_FILE#"$root"/} can only be read by Docker Compose, which is not here" 'install Docker Compose, or write it as KEY=value without quotes, $ or a comment behind it'
    [[ "$line" != [A-Za-z_]*=* ]] || printf '        "%s": "%s"\n' "${line%%=*}" "${line#*=}"
  done || exit
  for key in $(env_keys); do
    [[ -z "${!key+set}" ]] || printf '        "%s": "%s"\n' "$key" "${!key}"
  done
}

# env_value KEY DEFAULT: what Compose takes for it, else the default. An empty value counts as not set.
env_value() {
  local pattern value=''
  [[ "$ENV_FILE" == "$env_read_from" ]] || read_env
  pattern=$'\n        "'"$1"'": "(([^"\\]|\\.)*)"'
  # The last of them: without Compose there may be several.
  pattern="(.*)$pattern"
  [[ ! $'\n'$env_json =~ $pattern ]] || value=${BASH_REMATCH[2]}
  [[ "$value" != *[\\\$]* ]] || value=$(unescape "$value")
  printf '%s' "${value:-$2}"
}

# unescape TEXT: of JSON, in which Compose has doubled each $.
unescape() {
  printf '%s' "$1" | sed -e 's/\$\$/$/g' -e $'s/\\\\\\\\/\001/g' -e 's/\\"/"/g' -e 's/\\u003c/</g; s/\\u003e/>/g; s/\\u0026/\&/g' \
    -e $'s/\\\\t/\t/g' -e $'s/\\\\n/\\\n/g' -e $'s/\001/\\\\/g'
}

# path_in_env KEY DEFAULT: a folder that .env names, as an absolute path.
path_in_env() { path_of "$(env_value "$1" "$2")"; }
