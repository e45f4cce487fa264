# An image with everything built: a container only starts. docs/inngest.md says how to run it.
# The version of Node is the one that package-lock.json brings along on other machines.
ARG NODE=node:22.23.2-bookworm-slim

# ── the packages that a running instance needs; the image has a Node of its own
FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts of packages are never run, here as everywhere.
RUN npm ci --ignore-scripts --omit=dev --include=optional --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/.bin/node

# ── the web app and the database client
FROM packages AS build
ENV NEXT_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1
COPY . .
RUN node scripts/start.mjs --build

# ── what runs
FROM ${NODE} AS run
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 \
  HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
COPY --from=packages /app/node_modules ./node_modules
COPY package.json next.config.js prisma.config.ts tsconfig.json ./
COPY public ./public
COPY docs/user-guide.md ./docs/user-guide.md
COPY prisma ./prisma
COPY dbt ./dbt
COPY lib ./lib
COPY simulator ./simulator
COPY inngest ./inngest
COPY scripts ./scripts
COPY --from=build /app/prisma/client ./prisma/client
COPY --from=build /app/.cache/stripped ./.cache/stripped
COPY --from=build --chown=node:node /app/.next ./.next
# The embedded Postgres wants symbolic links in its package, and later nobody may write there. OpenShift runs the image with
# a user id of its own in the group 0.
RUN node scripts/prepare-postgres.ts && mkdir /data && chown node:root /data && chmod 770 /data
# The code belongs to root, so a compromised process cannot change it.
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --start-interval=2s --retries=3 \
  CMD ["node", "scripts/is-healthy.ts"]
CMD ["node", "--import", "./scripts/stripped.mjs", "scripts/serve.ts"]
