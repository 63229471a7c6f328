# One image for web, worker and beat; the command says which.
FROM python:3.13-slim AS packages
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir uv \
    && uv venv /opt/carriole \
    && uv pip sync --python /opt/carriole/bin/python --require-hashes --compile-bytecode /tmp/requirements.txt
WORKDIR /srv/carriole
COPY . .
RUN uv pip install --python /opt/carriole/bin/python --no-deps --editable . \
    && for language in shop/translations/*/LC_MESSAGES; do \
           /opt/carriole/bin/python -m babel.messages.frontend compile -d shop/translations \
               -l "$(basename "$(dirname "$language")")" -D messages || exit 1; \
       done

FROM python:3.13-slim
RUN useradd --system --home-dir /srv/carriole --shell /usr/sbin/nologin carriole \
    && install -d -o carriole -g carriole /var/lib/carriole/media
COPY --from=packages /opt/carriole /opt/carriole
COPY --from=packages /srv/carriole /srv/carriole
WORKDIR /srv/carriole
USER carriole
ENV PATH=/opt/carriole/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LOG_JSON=1 \
    MEDIA_DIR=/var/lib/carriole/media
EXPOSE 8000
CMD ["gunicorn", "shop.app:create_app()", "--worker-class", "gthread", "--workers", "4", \
     "--threads", "8", "--preload", "--bind", "0.0.0.0:8000", "--no-control-socket", "--timeout", "60", \
     "--worker-tmp-dir", "/dev/shm", "--forwarded-allow-ips", "*"]
