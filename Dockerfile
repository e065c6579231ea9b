FROM python:3.11-slim

RUN useradd --create-home --uid 10001 priorscope \
    && mkdir /data && chown priorscope /data
WORKDIR /app

# For a smaller image, name an index with PyTorch's CPU build: --build-arg PIP_EXTRA_INDEX_URL=...
ARG PIP_EXTRA_INDEX_URL
# The packages first: they change less often than the code.
COPY pyproject.toml constraints.txt README.md ./
COPY backend/__init__.py backend/
COPY models/__init__.py models/
RUN pip install --no-cache-dir --constraint constraints.txt --editable .

COPY backend backend
COPY models models
COPY frontend frontend

USER priorscope
ENV PRIORSCOPE_DATA_DIR=/data PRIORSCOPE_HOST=0.0.0.0 PRIORSCOPE_PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/alive', timeout=4)"]
CMD ["priorscope", "serve", "--demo", "--no-open"]
