# One container with everything:
#   docker build -t ferry . && docker run -p 8000:8000 -v ferry:/data -e ALLOWED_HOSTS=localhost ferry
# One process a container: `... ferry web`, `worker`, `scheduler` (see compose.cluster.yaml).
# Any Debian or Ubuntu with Python >= 3.11 and its venv; amd64 and arm64.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /app
RUN python3 -m venv /app/.venv
COPY requirements.txt requirements-image.txt ./
# No bytecode here: pip's holds the times of this build. It is made below, by content.
RUN /app/.venv/bin/pip install --disable-pip-version-check --no-cache-dir --no-compile --require-hashes \
        -r requirements.txt -r requirements-image.txt
COPY manage.py Procfile LICENSE ./
COPY accounts accounts
COPY config config
COPY downloads downloads
COPY static static
COPY templates templates
# By content, and what pip wrote anew: two builds of one commit hold the same files.
RUN PYTHONHASHSEED=0 /app/.venv/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /app \
    && mkdir -p /data /downloads \
    && chown 10001:10001 /data /downloads

FROM ${BASE}
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /data /data
COPY --from=build --chown=10001:10001 /downloads /downloads
WORKDIR /app
ENV PATH=/app/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data \
    STORAGE_PATH=/downloads
VOLUME ["/data", "/downloads"]
EXPOSE 8000
STOPSIGNAL SIGTERM
# By the entry point too, so that it is no root that looks into the database.
HEALTHCHECK --interval=60s --timeout=10s --start-period=90s \
    CMD ["python", "-m", "config.server.container", "python", "-m", "config.server.healthcheck"]
# The entry point gives up root at once: for PUID and PGID, else for user 10001.
ENTRYPOINT ["dumb-init", "-c", "--", "python", "-m", "config.server.container"]
CMD ["up"]
