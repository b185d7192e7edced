FROM python:3.13-slim
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && python -c "from weerklank.web.texts import ROOT, compile_catalogues; compile_catalogues(ROOT)" \
 && useradd --system --home-dir /var/lib/weerklank --create-home weerklank
USER weerklank
EXPOSE 8000
CMD ["weerklank", "web"]
