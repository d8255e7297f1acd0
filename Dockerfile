# Both programs in one image, on Node 24 and the C library and nothing else: no shell, no package manager, read-only.
#   docker build --platform linux/amd64,linux/arm64 --build-arg VERSION=0.1.0 .
#   npm run image                       (buildah; makes its own base where no registry can be reached)
#
# What is made for the processor of the target (the addon, Node and its libraries) is made on it, or emulated, which takes seconds.
# What is the same for all (the bundles) is made once, on the machine that builds. $BUILDPLATFORM and $TARGETPLATFORM come from
# the builder.

# Debian with Node 24, npm and a C compiler. Nothing of it but Node and the libraries that Node needs gets into the image.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm
# The platform that the image is for, where a builder does not say it by --platform.
ARG TARGETPLATFORM=linux/amd64
ARG BUILDPLATFORM=linux/amd64

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS source
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund --loglevel=error

# The native addon, by cc.
FROM --platform=$TARGETPLATFORM ${NODE_IMAGE} AS addon
WORKDIR /src
COPY package.json ./
COPY packages/raw-socket packages/raw-socket
COPY --from=source /src/node_modules/node-api-headers node_modules/node-api-headers
RUN node packages/raw-socket/build.ts

# One bundle per program, by esbuild, with the addon beside them.
FROM source AS bundles
COPY --from=addon /src/packages/raw-socket/build packages/raw-socket/build
RUN node --conditions=source scripts/build.ts

# The file system of the image: what ldd says that Node needs. The C library finds names with no further file since 2.34.
# Scanners for known weaknesses read status.d, as in other images without a package manager.
FROM --platform=$TARGETPLATFORM ${NODE_IMAGE} AS runtime
RUN set -e; root=/image; status=$root/var/lib/dpkg/status.d; \
    mkdir -p $root/usr/local/bin $root/etc $status; \
    cp -L "$(command -v node)" $root/usr/local/bin/node; \
    ldd $root/usr/local/bin/node | grep -o '/[^ ]*' | xargs cp -L --parents -t $root; \
    for package in libc6 libgcc-s1 libstdc++6; do dpkg-query --status $package >$status/$package; done; \
    cp -L /etc/os-release $root/etc/os-release; \
    printf 'root:x:0:0:root:/:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n' >$root/etc/passwd; \
    printf 'root:x:0:\nnogroup:x:65534:\n' >$root/etc/group

FROM --platform=$TARGETPLATFORM scratch
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Steelyard" \
      org.opencontainers.image.description="A load balancer for Kubernetes on bare metal: controller and speaker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="The Steelyard authors" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=runtime /image /
COPY LICENSE /app/LICENSE
COPY --from=bundles /src/dist /app/dist
# Relative, as the manifests name the programs.
WORKDIR /app
ENV PATH=/usr/local/bin NODE_ENV=production
# The speaker's manifest says root, with no power but NET_RAW: a capability that is given to another user is lost at exec.
USER 65534:65534
# No health check: the kubelet probes over HTTP, and there is nothing in here that could ask.
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["dist/controller.mjs"]
