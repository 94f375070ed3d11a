# One file for every image of the stack. The base images are arguments, so that a mirror or images built from Debian
# packages (`make base-images`) can stand in. No `# syntax=` line: it would need a registry before the first stage.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG POSTGRES_IMAGE=postgres:16.15-bookworm
ARG CADDY_IMAGE=caddy:2.11.7

FROM ${NODE_IMAGE} AS node

FROM node AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY patches patches
# A proxy that inspects TLS needs its CA here: handed in as a secret, so that no layer keeps it. Install scripts stay
# off: esbuild finds its binary without them, and nothing else of the tree runs here. So the driver is patched by name.
RUN --mount=type=secret,id=ca,required=false \
    --mount=type=cache,target=/root/.npm \
    NODE_EXTRA_CA_CERTS=/run/secrets/ca npm ci --ignore-scripts --no-audit --no-fund && \
    npm run postinstall
COPY tsconfig.json ./
COPY ops/build.ts ops/build.ts
COPY src src
RUN node ops/build.ts

# Files that go into an image unchanged. The modes of a checkout depend on the umask it was made with, and the users of the
# images are not its owner.
FROM node AS files
WORKDIR /files
COPY migrations migrations
COPY backfills backfills
COPY ops/postgres postgres
COPY site site
COPY Caddyfile Caddyfile
COPY ops/caddy caddy
COPY ops/probe.sh probe.sh
RUN chmod -R a+rX .

FROM node AS api
WORKDIR /app
COPY --from=files /files/probe.sh /etc/slipway/
COPY --from=files /files/migrations migrations
COPY --from=build /build/dist/server.js /build/dist/healthcheck.js /build/dist/ask-front-door.js /build/dist/redoc.standalone.js ./
# Of this image alone: a commit that changes nothing in another one must not have its container made anew.
ARG REVISION=unknown
# Every interface of the container; the networks of Compose decide which clients reach them.
ENV NODE_ENV=production REVISION=${REVISION} DOCS_SCRIPT_PATH=/app/redoc.standalone.js HTTP_HOST=0.0.0.0 METRICS_HOST=0.0.0.0
# Each name server is asked once, for a second: with the defaults (twice, five seconds) look-ups that no resolver answers
# keep Node's four threads busy for many seconds after it is back (make drill, DNS silent).
ENV RES_OPTIONS="timeout:1 attempts:1"
LABEL org.opencontainers.image.title="slipway api" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
EXPOSE 3000 9464
# Readiness, so that `up --wait` is no success where every request fails; nothing is restarted for it (decisions/0024).
HEALTHCHECK --interval=60s --timeout=10s --start-interval=1s --start-period=60s CMD ["/etc/slipway/probe.sh", "3000", "/readyz"]
ENTRYPOINT ["node"]
CMD ["server.js"]

FROM node AS migrate
WORKDIR /app
COPY --from=files /files/migrations migrations
COPY --from=files /files/backfills backfills
COPY --from=build /build/dist/migrate.js /build/dist/backfill.js ./
# A new named volume takes its owner from the image.
RUN install -d -o 10001 -g 10001 /metrics
ENV NODE_ENV=production
LABEL org.opencontainers.image.title="slipway migrate" \
      org.opencontainers.image.licenses="MIT"
USER 10001:10001
ENTRYPOINT ["node", "migrate.js"]
CMD ["up"]

# The official image comes without pgBackRest, but with the source that has the current one.
FROM ${POSTGRES_IMAGE} AS server
RUN command -v pgbackrest >/dev/null || \
    { apt-get update && apt-get install --yes --no-install-recommends pgbackrest && rm -rf /var/lib/apt/lists/*; } && \
    ln -s /usr/lib/postgresql/*/bin /usr/local/lib/postgresql
# In the official image the programs come last in PATH, behind wrappers in Perl that take six times as long.
ENV PATH=/usr/local/lib/postgresql:$PATH

FROM server AS postgres
COPY --from=files /files/postgres /etc/slipway
# 999 is what the official image gives to postgres; by number, so that Compose and the secrets on the host agree with it.
USER 999:999
ENV PGDATA=/var/lib/postgresql/data
# Fast shutdown: SIGTERM would wait for every client to leave by itself.
STOPSIGNAL SIGINT
EXPOSE 5432
# A recovery may take hours and is no fault: dependent services wait for it.
HEALTHCHECK --interval=60s --timeout=5s --start-interval=1s --start-period=24h \
    CMD ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=monitor", "--dbname=slipway"]
ENTRYPOINT ["/etc/slipway/entrypoint.sh"]
CMD []

# pg_dump and the server must be of one major, so this starts from the server's own image.
FROM server AS backup
# Encryption and off-site copies: in base images of ours already, in the official one out of its own package sources.
RUN command -v age && command -v rclone || \
    { apt-get update && apt-get install -y --no-install-recommends age rclone ca-certificates && rm -rf /var/lib/apt/lists/*; }
# Where the data folder of the server is mounted, to be read only, and a new volume that a restore fills.
RUN install -d -o 999 -g 999 -m 0700 /var/lib/postgresql/data
WORKDIR /app
COPY --from=files /files/postgres/archive-config.sh /files/probe.sh /etc/slipway/
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=files /files/migrations migrations
COPY --from=build /build/dist/backup.js ./
ENV NODE_ENV=production PGDATA=/var/lib/postgresql/data
LABEL org.opencontainers.image.title="slipway backup" \
      org.opencontainers.image.licenses="MIT"
# A new named volume takes its owner from the image; only backup and drill may read the files that pass through it.
RUN install -d -o 999 -g 10001 -m 0700 /handoff
# The server's own user: the repository of the continuous backups has one owner, and no other user can open the data folder.
# Its group is that of the backups folder on the host.
USER 999:10001
STOPSIGNAL SIGTERM
EXPOSE 9465
HEALTHCHECK --interval=5m --timeout=10s --start-interval=1s --start-period=2m CMD ["/etc/slipway/probe.sh", "9465", "/livez"]
ENTRYPOINT ["node", "backup.js"]
CMD ["schedule"]

# The programs of PostgreSQL, of the same major again, and the API of this release, which the drill tries on the restored database.
FROM backup AS drill
COPY --from=build /build/dist/drill.js /build/dist/server.js /build/dist/redoc.standalone.js ./
COPY --from=files /files/postgres/roles.sql ./
ENV BACKUP_DRILL_ROLES_FILE=/app/roles.sql DOCS_SCRIPT_PATH=/app/redoc.standalone.js
LABEL org.opencontainers.image.title="slipway drill"
# Checks that it listens; `backup` checks before each drill that it answers.
HEALTHCHECK --interval=5m --timeout=5s --start-interval=1s --start-period=2m CMD ["test", "-S", "/handoff/drill.sock"]
ENTRYPOINT ["node", "drill.js"]
CMD []

FROM ${CADDY_IMAGE} AS caddy
COPY --from=files /files/Caddyfile /etc/caddy/Caddyfile
COPY --from=files /files/caddy /etc/caddy/slipway
COPY --from=files /files/site /srv
# A new named volume takes its owner from the image.
RUN mkdir -p /data/caddy /config/caddy && chown -R 10002:10002 /data /config
USER 10002:10002
EXPOSE 80 443 443/udp
HEALTHCHECK --interval=60s --timeout=5s --start-interval=1s --start-period=60s \
    CMD ["wget", "--quiet", "--output-document=/dev/null", "http://127.0.0.1:2021/healthz"]
ENTRYPOINT []
CMD ["sh", "/etc/caddy/slipway/start.sh"]
