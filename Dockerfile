FROM python:3.13.16-slim-bookworm
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md wsgi.py ./
COPY platform platform
COPY migrations migrations
COPY translations translations
COPY tenants tenants
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && python -m compileall -q platform migrations wsgi.py \
 && python -c "from weerklank.web.texts import ROOT, compile_catalogues; compile_catalogues(ROOT)" \
 && useradd --system --uid 10001 --no-create-home weerklank \
 && install -d -m 700 -o weerklank /var/lib/weerklank/witness
USER weerklank
EXPOSE 8000 9000
CMD ["weerklank", "web"]
