# The two commands of the Makefile in a container: `make install` builds it, `hamroh run` starts it.

FROM python:3.13-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/hamroh
COPY Makefile pyproject.toml requirements.lock LICENSE LICENSE-LESSONS ./
COPY bot bot
COPY storage storage
RUN make install && .venv/bin/python -m compileall -q bot storage

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/hamroh --create-home hamroh \
    && install --directory --owner hamroh --group hamroh --mode 0700 /var/lib/hamroh/keys /var/lib/hamroh/store
COPY --from=build /opt/hamroh /opt/hamroh
USER hamroh
# The database and the key store lie apart from the master keys, so that each is backed up by itself.
WORKDIR /var/lib/hamroh/store
VOLUME ["/var/lib/hamroh/keys", "/var/lib/hamroh/store"]
ENV PATH=/opt/hamroh/.venv/bin:$PATH \
    HAMROH_KEYS_DIR=/var/lib/hamroh/keys \
    HAMROH_KEYS_URL=sqlite:////var/lib/hamroh/store/keys.db \
    HAMROH_WEBHOOK_LISTEN=0.0.0.0:8443
EXPOSE 8443

# Asks on the port that HAMROH_WEBHOOK_LISTEN names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HAMROH_WEBHOOK_LISTEN'].rpartition(':')[2] + '/healthz', timeout=4)"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["hamroh"]
CMD ["run"]
