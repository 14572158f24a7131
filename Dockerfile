# Weir alone, for servers by setting (docker-compose.yml); ClickHouse is not embedded in it.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /weir
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --omit=optional --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
WORKDIR /weir
COPY --from=build /weir/node_modules node_modules
COPY --from=build /weir/.build/src .build/src
COPY package.json LICENSE ./
COPY src src
COPY schemas schemas
COPY models models
RUN mkdir /var/lib/weir && chown node:node /var/lib/weir
ENV NODE_ENV=production WEIR_DATA=/var/lib/weir
USER node
VOLUME /var/lib/weir
EXPOSE 8080
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=64", "/weir/.build/src/main.js"]
CMD ["run"]
