# One image for all processes: `node gateway/main.ts`, or `node subgraphs/main.ts <name>`.
FROM node:24-slim AS packages
WORKDIR /podium
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --loglevel=error --no-audit --no-fund

FROM node:24-slim
WORKDIR /podium
ENV NODE_ENV=production HOST=0.0.0.0 APOLLO_TELEMETRY_DISABLED=1
COPY --from=packages /podium/node_modules node_modules
COPY package.json ./
COPY schema schema
COPY platform platform
COPY subgraphs subgraphs
COPY gateway gateway
# Where a volume for files is mounted, which takes its owner from here.
RUN install -d -o node -g node -m 700 /var/lib/podium
USER node
EXPOSE 4000
CMD ["node", "--max-semi-space-size=64", "gateway/main.ts"]
