FROM python:3.13.16-slim-trixie
ENV PYTHONUNBUFFERED=1
# What makes back-ups must not be older than the database that it copies.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md wsgi.py ./
COPY platform platform
COPY migrations migrations
COPY translations translations
COPY docs/manual docs/manual
COPY tenants tenants
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && python -m compileall -q platform migrations wsgi.py \
 && python -c "from weerklank.web.texts import ROOT, compile_catalogues; compile_catalogues(ROOT)" \
 && useradd --system --uid 10001 --no-create-home weerklank \
 && cd /var/lib && install -d -m 700 -o weerklank weerklank \
    weerklank/witness weerklank/backups weerklank/backups-of-keys
USER weerklank
EXPOSE 8000 9000
CMD ["weerklank", "web"]
