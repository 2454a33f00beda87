# One container with everything; several hosts share DATABASE_URL, REDIS_URL and a bucket instead.
# docker run --init -p 8000:8000 -v ferry:/data -e ALLOWED_HOSTS=ferry.example.org ferry
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.txt .
RUN /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 ferry \
    && mkdir /data \
    && chown ferry:ferry /data
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY . .
RUN /app/.venv/bin/python -m compileall -q accounts config downloads
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "manage.py", "up"]
