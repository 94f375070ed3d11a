# shellcheck shell=sh disable=SC2015,SC2020,SC2034,SC2089,SC2090 # a list of conditions before ||; the Caddyfile reads the quotes
# Checks the settings of the site together, and derives the values of the Caddyfile from them. POSIX sh: sourced
# by start.sh in Caddy's container and by ops/check-settings.sh on the host, so that both say the same.

: "${caddy_folder:?}"
# shellcheck source=ops/caddy/values.sh
. "$caddy_folder/values.sh"

# Words of a setting are not expanded as file patterns.
set -f

# fault KEY PROBLEM HINT: each takes one line, whatever characters a value has.
fault() { faults="$faults$1	$(one_line "$2")	$(one_line "$3")
"; }

read_settings() {
  faults='' front=$(in_lower_case "${TRUSTED_FRONT:-}")
  domain=${DOMAIN:-localhost} tls=${TLS:-internal} url=$(in_lower_case "${PUBLIC_URL:-https://localhost}")
  http_port=${PUBLIC_HTTP_PORT:-80} https_port=${PUBLIC_HTTPS_PORT:-443} prometheus_port=${PROMETHEUS_PORT:-9090}
  body_limit=${HTTP_BODY_LIMIT_BYTES:-1048576} pool=${DATABASE_POOL_SIZE:-10}
  headers_ms=${HTTP_HEADERS_TIMEOUT_MS:-5000} receive_ms=${HTTP_RECEIVE_TIMEOUT_MS:-15000}
  names=$(words "$(in_lower_case "$domain")" | sed 's/^\[\(.*:.*\)\]$/\1/' | awk '!seen[$0]++')
}

judge_names() {
  [ -n "$names" ] || fault DOMAIN "expected a name or an address (got $domain)" 'DOMAIN=example.com, or leave it out for localhost'
  for name in $names; do
    case $name in
      *://* | */*) fault DOMAIN "expected a name without scheme and path (got $name)" 'the scheme belongs into PUBLIC_URL' ;;
      *.) fault DOMAIN "expected a name without the dot at its end (got $name)" "DOMAIN=${name%.}" ;;
      \**) fault DOMAIN "a certificate for every name of a domain is not supported (got $name)" 'list the names, separated by commas' ;;
      *)
        is_name "$name" || is_address "$name" || fault DOMAIN "expected a name or an IP address, without a port (got $name)" \
          'names of other scripts are written as xn--...; the port belongs into PUBLIC_HTTPS_PORT and PUBLIC_URL'
        ;;
    esac
  done
  faulty_names=$faults
}

judge_tls() {
  case $tls in
    internal | off) return ;;
    \#* | *@*@* | @* | *[!A-Za-z0-9.@!#%\&\'*+/=?^_\|~-]*) ;;
    *@*.*)
      is_name "$(in_lower_case "${tls#*@}")" || fault TLS "expected a domain behind the @ (got $tls)" 'TLS=you@example.com'
      for name in $names; do
        ! is_private "$name" || fault TLS "no public authority signs for $name (got TLS=$tls)" 'TLS=internal, or only public names in DOMAIN'
      done
      return
      ;;
  esac
  fault TLS "expected internal, off or an e-mail address (got $tls)" 'TLS=you@example.com asks Let'\''s Encrypt; off is for a proxy in front that ends TLS'
}

# Sets scheme, host and port; host without brackets.
parse_url() {
  scheme=${url%%://*} rest=${url#*://} port=''
  rest=${rest%/}
  case $url in http://?* | https://?*) ;; *) return 1 ;; esac
  case $rest in
    *[!a-z0-9.:\[\]-]*) return 1 ;;
    \[*\]:*) host=${rest%:*} port=${rest##*:} ;;
    \[*\]) host=$rest ;;
    *:*) host=${rest%:*} port=${rest##*:} ;;
    *) host=$rest ;;
  esac
  host=${host#\[} host=${host%\]}
  if [ -z "$port" ]; then
    [ "$scheme" = https ] && port=443 || port=80
    case $rest in *:) return 1 ;; esac
  fi
  is_number "$port"
}

judge_url() {
  if ! parse_url; then
    host=localhost
    fault PUBLIC_URL "expected scheme and host (got $url)" 'PUBLIC_URL=https://example.com'
    return
  fi
  if [ "$scheme" = http ] && [ "$tls" != off ]; then
    fault PUBLIC_URL "expected https, since TLS=$tls (got $url)" "PUBLIC_URL=https://$rest"
    return
  fi
  [ -n "$faulty_names" ] || words "$names" | grep -Fqx -e "$host" || fault PUBLIC_URL "expected a name of DOMAIN, which is $domain (got $url)" \
    "PUBLIC_URL=https://$(in_brackets "$(words "$names" | head -n 1)"), or add $host to DOMAIN"
  # The proxy in front has a port of its own.
  [ -z "$front" ] || return 0
  case $tls/$scheme in
    off/http) judge_url_port PUBLIC_HTTP_PORT "$http_port" ;;
    off/https) ;;
    *) judge_url_port PUBLIC_HTTPS_PORT "$https_port" ;;
  esac
}

# judge_url_port KEY VALUE
judge_url_port() {
  [ "$port" = "$2" ] || fault PUBLIC_URL "expected the port of $1, which is $2 (got $url)" "PUBLIC_URL=$scheme://$(in_brackets "$host"):$2, or $1=$port"
}

# judge_port KEY VALUE LOWEST
judge_port() {
  is_number "$2" && [ "$2" -ge "$3" ] && [ "$2" -le 65535 ] ||
    fault "$1" "expected a port from 1 to 65535 (got $2)" 'leave it out for the default'
}

judge_ports() {
  judge_port PUBLIC_HTTP_PORT "$http_port" 1
  # Without TLS nothing listens behind it: 0 lets the engine choose one.
  if [ "$tls" = off ]; then judge_port PUBLIC_HTTPS_PORT "$https_port" 0; else judge_port PUBLIC_HTTPS_PORT "$https_port" 1; fi
  judge_port PROMETHEUS_PORT "$prometheus_port" 1
  [ "$http_port" != "$https_port" ] || fault PUBLIC_HTTPS_PORT "expected another port than PUBLIC_HTTP_PORT (got $https_port)" 'leave it out for the default 443'
  case "$prometheus_port" in
    "$http_port" | "$https_port") fault PROMETHEUS_PORT "expected another port than those of the site (got $prometheus_port)" 'leave it out for the default 9090' ;;
  esac
  [ -z "${BIND_ADDRESS:-}" ] || is_address "$BIND_ADDRESS" ||
    fault BIND_ADDRESS "expected an IP address (got $BIND_ADDRESS)" 'BIND_ADDRESS=127.0.0.1 keeps a preview to this machine'
}

judge_ipv6() {
  [ -z "${BIND_ADDRESS_IPV6:-}" ] || is_ipv6 "$BIND_ADDRESS_IPV6" ||
    fault BIND_ADDRESS_IPV6 "expected an IPv6 address (got $BIND_ADDRESS_IPV6)" 'BIND_ADDRESS_IPV6=:: is every one of this host'
  case ${PUBLIC_IPV6:-false} in
    true) return ;;
    false) ;;
    *) fault PUBLIC_IPV6 "expected true or false (got $PUBLIC_IPV6)" 'leave it out for the default false' ;;
  esac
  [ -z "${BIND_ADDRESS_IPV6:-}" ] || fault BIND_ADDRESS_IPV6 'expected PUBLIC_IPV6=true beside it: all IPv6 clients would have one address' 'PUBLIC_IPV6=true, with an engine from 27 on'
}

# Prints the networks of TRUSTED_FRONT.
front_networks() {
  for word in $(words "$front"); do
    case $word in
      cloudflare) sed '/^#/d' "$caddy_folder/cloudflare.txt" ;;
      private) printf '%s\n' 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 fc00::/7 ::1/128 ;;
      *) printf '%s\n' "$word" ;;
    esac
  done
}

judge_front() {
  [ -z "$front" ] || [ -n "$(words "$front")" ] ||
    fault TRUSTED_FRONT "expected cloudflare, private or networks (got $TRUSTED_FRONT)" 'leave it out when clients reach Caddy by themselves'
  for network in $(front_networks); do
    address=${network%%/*} bits=${network#*/} least=8 most=32
    # Larger ones are no network of a front: two halves of the internet would let every client name its own address.
    is_ipv4 "$address" || { least=7 && most=128; }
    [ "$bits" != "$network" ] || bits=$most
    is_address "$address" && is_number "$bits" && [ "$bits" -ge "$least" ] && [ "$bits" -le "$most" ] ||
      fault TRUSTED_FRONT "expected cloudflare, private or networks such as 10.0.0.0/8 (got $network)" 'the networks that requests to Caddy come from, and no others'
  done
}

# judge_number KEY VALUE LOWEST [HIGHEST]
judge_number() {
  is_number "$2" && [ "$2" -ge "$3" ] && [ "$2" -le "${4:-$2}" ] || {
    fault "$1" "expected a whole number from $3${4:+ to $4} (got $2)" 'leave it out for the default'
    return 1
  }
}

# need KEY VALUE LOWEST [HIGHEST]
need() { judge_number "$@" || broken=yes; }

judge_ladder() {
  broken=''
  need HTTP_HEADERS_TIMEOUT_MS "$headers_ms" 1
  need HTTP_RECEIVE_TIMEOUT_MS "$receive_ms" 1
  need HTTP_BODY_LIMIT_BYTES "$body_limit" 1024
  need DATABASE_POOL_SIZE "$pool" 1 1000
  # Each of these follows another one where it is not set.
  need HTTP_MAX_CONCURRENT_REQUESTS "${HTTP_MAX_CONCURRENT_REQUESTS:-1}" 1 10000
  need PROXY_HEADERS_TIMEOUT_MS "${PROXY_HEADERS_TIMEOUT_MS:-1}" 1
  need PROXY_RECEIVE_TIMEOUT_MS "${PROXY_RECEIVE_TIMEOUT_MS:-1}" 1
  need PROXY_ANSWER_TIMEOUT_MS "${PROXY_ANSWER_TIMEOUT_MS:-1}" 1
  [ -n "$broken" ] || judge_rungs
}

judge_rungs() {
  concurrent=${HTTP_MAX_CONCURRENT_REQUESTS:-$((3 * pool))}
  proxy_headers=${PROXY_HEADERS_TIMEOUT_MS:-$headers_ms} proxy_receive=${PROXY_RECEIVE_TIMEOUT_MS:-$receive_ms}
  highest=$receive_ms
  [ "$proxy_receive" -le "$highest" ] || highest=$proxy_receive
  proxy_answer=${PROXY_ANSWER_TIMEOUT_MS:-$((highest + 5000))}
  if [ "$headers_ms" -ge "$receive_ms" ]; then
    fault HTTP_HEADERS_TIMEOUT_MS "expected less than HTTP_RECEIVE_TIMEOUT_MS, which is $receive_ms (got $headers_ms)" 'the head of a request is a part of it'
  elif [ "$proxy_headers" -gt "$proxy_receive" ]; then
    fault PROXY_HEADERS_TIMEOUT_MS "expected at most PROXY_RECEIVE_TIMEOUT_MS, which is $proxy_receive (got $proxy_headers)" 'leave both out: they follow HTTP_HEADERS_TIMEOUT_MS and HTTP_RECEIVE_TIMEOUT_MS'
  fi
  [ "$proxy_answer" -gt "$highest" ] ||
    fault PROXY_ANSWER_TIMEOUT_MS "expected more than what a request may take to arrive, which is $highest (got $proxy_answer)" 'leave it out: it follows HTTP_RECEIVE_TIMEOUT_MS'
}

# The engine kills the API 30 s after it was told to stop (stop_grace_period).
judge_stop() {
  drain=${HTTP_DRAIN_DELAY_MS:-2000} shutdown=${HTTP_SHUTDOWN_TIMEOUT_MS:-10000}
  broken=''
  need HTTP_DRAIN_DELAY_MS "$drain" 0
  need HTTP_SHUTDOWN_TIMEOUT_MS "$shutdown" 0
  [ -n "$broken" ] || [ $((drain + shutdown)) -le 28000 ] ||
    fault HTTP_SHUTDOWN_TIMEOUT_MS "expected at most 28000 together with HTTP_DRAIN_DELAY_MS, which is $drain (got $shutdown)" 'the engine kills what has not ended after 30 s'
}

# Leaves in `faults` a line for each: KEY, problem and hint, with tabs between them.
judge_settings() {
  read_settings
  judge_names
  judge_tls
  judge_url
  judge_ports
  judge_ipv6
  judge_front
  judge_ladder
  judge_stop
}

# addresses PREFIX NAMES: as the head of a block of the Caddyfile.
addresses() { for name in $2; do printf '%s%s\n' "$1" "$(in_brackets "$name")"; done | paste -s -d, - | sed 's/,/, /g'; }

# A block without an address gets one that no client can request.
derive_sites() {
  others=$(words "$names" | grep -Fvx -e "$host" || true)
  case $tls in
    off)
      CADDY_GLOBAL='auto_https off' CADDY_SITE=http:// CADDY_OTHERS=$(addresses http:// "$others") CADDY_PLAIN='' CADDY_ALT_SVC=-Alt-Svc
      ;;
    *)
      CADDY_GLOBAL=local_certs
      [ "$tls" = internal ] || CADDY_GLOBAL="email $tls"
      CADDY_SITE=$(in_brackets "$host") CADDY_OTHERS=$(addresses '' "$others") CADDY_PLAIN=$(addresses http:// "$names")
      CADDY_ALT_SVC="Alt-Svc \`h3=\":$https_port\"; ma=2592000\`"
      ;;
  esac
  # A client that connects by an address names no server in the handshake.
  for name in $(printf '%s\n' "$host" "$names"); do
    is_address "$name" || continue
    CADDY_GLOBAL="$CADDY_GLOBAL
	default_sni $name"
    break
  done
  CADDY_OTHERS=${CADDY_OTHERS:-http://others.invalid} CADDY_PLAIN=${CADDY_PLAIN:-http://plain.invalid} CADDY_URL=${url%/}
  export CADDY_GLOBAL CADDY_SITE CADDY_OTHERS CADDY_PLAIN CADDY_ALT_SVC CADDY_URL
}

# Cloudflare overwrites CF-Connecting-IP; behind any other front a client could send that itself.
derive_front() {
  CADDY_FRONT=''
  [ -n "$front" ] || return 0
  header=X-Forwarded-For
  [ "$(words "$front" | sort -u)" != cloudflare ] || header=CF-Connecting-IP
  CADDY_FRONT="trusted_proxies static $(front_networks | paste -s -d' ' -)
		trusted_proxies_strict
		client_ip_headers $header"
  export CADDY_FRONT
}

# Caddy stops only what the API would not read: its limit, 20 MiB that it reads before it refuses, and some room; by the head what has one digit more.
derive_limits() {
  CADDY_BODY_LIMIT=$((body_limit + 24 * 1024 * 1024)) CADDY_CONNECTIONS=$((2 * concurrent))
  CADDY_HUGE=${#CADDY_BODY_LIMIT}
  [ "$CADDY_CONNECTIONS" -ge 1024 ] || CADDY_CONNECTIONS=1024
  CADDY_HEADERS_MS=$proxy_headers CADDY_RECEIVE_MS=$proxy_receive CADDY_ANSWER_MS=$proxy_answer
  export CADDY_BODY_LIMIT CADDY_CONNECTIONS CADDY_HUGE CADDY_HEADERS_MS CADDY_RECEIVE_MS CADDY_ANSWER_MS
}
