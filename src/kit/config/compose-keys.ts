import type { KeyTable } from './key-row.ts'

const compose = { group: 'Compose', usedBy: ['compose'] } as const

/**
 * Settings read only by Compose and the scripts of ops/, not by the processes. Each default also appears where
 * Compose uses it (`${KEY:-default}`, `ARG KEY=default`), and a test compares the two.
 */
export const composeKeys = {
  DOMAIN: {
    ...compose,
    type: 'text',
    help: 'Names or IP addresses that the stack serves, separated by commas. The one of PUBLIC_URL has the site, the others redirect to it.',
    default: 'localhost',
    example: 'localhost',
  },
  TLS: {
    ...compose,
    type: 'text',
    help: 'internal for certificates of an authority of its own, an e-mail address for ACME with public names, or off behind a proxy that ends TLS: plain HTTP on PUBLIC_HTTP_PORT, while PUBLIC_URL stays https.',
    default: 'internal',
    example: 'internal',
  },
  TRUSTED_FRONT: {
    ...compose,
    type: 'text',
    help: 'What stands in front of Caddy and says who sent a request: cloudflare, private (networks of this host) or CIDRs, separated by commas. Empty when clients reach Caddy by themselves.',
    optional: true,
  },
  BIND_ADDRESS: {
    ...compose,
    type: 'text',
    help: 'Address on which Caddy is published; 127.0.0.1 keeps a preview to this machine.',
    default: '0.0.0.0',
  },
  BIND_ADDRESS_IPV6: {
    ...compose,
    type: 'text',
    help: 'IPv6 address on which Caddy is published besides, while BIND_ADDRESS is not set. make setup writes :: where the engine (27 or later) and the host have IPv6.',
    optional: true,
  },
  PUBLIC_IPV6: {
    ...compose,
    type: 'boolean',
    help: "true gives Caddy's network IPv6, without which IPv6 clients have the address of the engine's gateway; together with BIND_ADDRESS_IPV6.",
    default: 'false',
  },
  PUBLIC_HTTP_PORT: { ...compose, type: 'port', help: 'Published port for plain HTTP.', default: '80' },
  PUBLIC_HTTPS_PORT: { ...compose, type: 'port', help: 'Published port for HTTPS.', default: '443' },
  PROXY_HEADERS_TIMEOUT_MS: {
    ...compose,
    type: 'milliseconds',
    help: 'Caddy cuts off who takes longer for the head of a request; HTTP_HEADERS_TIMEOUT_MS when not set.',
    optional: true,
  },
  PROXY_RECEIVE_TIMEOUT_MS: {
    ...compose,
    type: 'milliseconds',
    help: 'Caddy cuts off who takes longer for a whole request; HTTP_RECEIVE_TIMEOUT_MS when not set.',
    optional: true,
  },
  PROXY_ANSWER_TIMEOUT_MS: {
    ...compose,
    type: 'milliseconds',
    help: 'Caddy waits this long for an answer of the API, the last rung; 5 s more than a request may take to arrive when not set.',
    optional: true,
  },
  PROMETHEUS_PORT: {
    ...compose,
    type: 'port',
    help: 'Port of Prometheus, on 127.0.0.1 only.',
    default: '9090',
  },
  COMPOSE_PROJECT_NAME: {
    ...compose,
    type: 'text',
    help: 'Name of this stack on its host: images, containers, networks and volumes carry it. A second copy of the kit needs another one.',
    default: 'slipway',
  },
  SELINUX_LABEL: {
    ...compose,
    type: 'text',
    help: 'z where SELinux is enforcing (Fedora, RHEL, CentOS): the folders that containers mount get its shared label.',
    optional: true,
  },
  SECRETS_DIR: { ...compose, type: 'text', help: 'Where make setup writes secrets.', default: './secrets' },
  BACKUPS_DIR: { ...compose, type: 'text', help: 'Where backups land on the host.', default: './backups' },
  MAINTENANCE_DIR: {
    ...compose,
    type: 'text',
    help: 'Folder whose file `on` makes Caddy answer 503; make maintenance writes it.',
    default: './.data/maintenance',
  },
  PGDATA_VOLUME: {
    ...compose,
    type: 'text',
    help: 'Volume of the live data, named after the project when not set. A restore to a moment fills a new one and names it here.',
    optional: true,
  },
  ARCHIVE_WAL_CEILING_MB: {
    ...compose,
    type: 'integer',
    help: 'How much WAL may wait for an archive that does not keep up; beyond it the archive gives way and not the writes.',
    default: '2048',
    min: 64,
  },
  EGRESS_INTERNAL: {
    ...compose,
    type: 'boolean',
    help: 'true keeps the database and the backups off the internet; false once off-site storage or a heartbeat is set.',
    default: 'true',
  },
  BACKUP_RECOVERY_RECIPIENT: {
    ...compose,
    type: 'text',
    help: 'Public half of a recovery key that you made elsewhere (age-keygen); without it make up makes one and shows it once.',
    optional: true,
  },
  IMAGE_PREFIX: {
    ...compose,
    type: 'text',
    help: 'First part of the names of our images; COMPOSE_PROJECT_NAME when not set, so that two copies on one host never share them.',
    optional: true,
  },
  IMAGE_TAG: { ...compose, type: 'text', help: 'Tag of our images: what is deployed.', default: 'local' },
  NODE_IMAGE: {
    ...compose,
    type: 'text',
    help: 'Base of the images that run Node; make base-images puts a local one here and below.',
    default: 'node:24.21.0-bookworm-slim',
  },
  POSTGRES_IMAGE: {
    ...compose,
    type: 'text',
    help: 'Base of the database and backup images.',
    default: 'postgres:16.15-bookworm',
  },
  POSTGRES_VERSION: {
    ...compose,
    type: 'integer',
    help: 'Major version in that image: 16, 17 or 18.',
    default: '16',
    min: 16,
    max: 18,
  },
  // Sixteen WAL segments: recovery and its checkpoint need a few, and freeing space by SQL needs the rest.
  POSTGRES_BALLAST_MB: {
    ...compose,
    type: 'integer',
    help: 'Mebibytes that a file in the data volume reserves; make free-ballast deletes it when the disk is full. 0 for none.',
    default: '256',
    min: 0,
    max: 65_536,
  },
  // pg_dump locks every table at once: this times max_connections (100 as shipped) is the number of tables it can take.
  POSTGRES_MAX_LOCKS_PER_TRANSACTION: {
    ...compose,
    type: 'integer',
    help: 'max_locks_per_transaction of the server. Times its connections it is the number of tables that a backup can hold.',
    default: '256',
    min: 64,
    max: 65_536,
  },
  CADDY_IMAGE: { ...compose, type: 'text', help: 'Base of the Caddy image.', default: 'caddy:2.11.7' },
  PROMETHEUS_IMAGE: {
    ...compose,
    type: 'text',
    help: 'Image of Prometheus.',
    default: 'prom/prometheus:v3.13.3',
  },
  ALERTMANAGER_IMAGE: {
    ...compose,
    type: 'text',
    help: 'Image of Alertmanager.',
    default: 'prom/alertmanager:v0.34.0',
  },
  POSTGRES_EXPORTER_IMAGE: {
    ...compose,
    type: 'text',
    help: 'Image of the PostgreSQL exporter.',
    default: 'prometheuscommunity/postgres-exporter:v0.20.1',
  },
  NODE_EXPORTER_IMAGE: {
    ...compose,
    type: 'text',
    help: 'Image of the host exporter.',
    default: 'prom/node-exporter:v1.12.1',
  },
  DEV_DATABASE_PORT: {
    ...compose,
    type: 'port',
    help: 'Port of the development database (compose.yaml), on 127.0.0.1 only.',
    default: '5432',
  },
  DEV_HTTP_PORT: {
    ...compose,
    type: 'port',
    help: 'Port of the API in development (compose.yaml), on 127.0.0.1 only.',
    default: '3000',
  },
  DEV_METRICS_PORT: {
    ...compose,
    type: 'port',
    help: 'Port of /metrics in development (compose.yaml), on 127.0.0.1 only.',
    default: '9464',
  },
  CA_FILE: {
    ...compose,
    type: 'text',
    help: 'Certificate authorities for npm while images are built, behind a proxy that inspects TLS; make setup and make up copy the file into .data/. Without it that of NODE_EXTRA_CA_CERTS is taken.',
    optional: true,
  },
} as const satisfies KeyTable
