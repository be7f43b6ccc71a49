# docker build -t bulk-cancel .      see docs/scheduling.md
FROM python:3.11-slim AS build
# Hashed wheels only; the program itself needs no compiler and no network to build.
WORKDIR /source
RUN python -m venv /opt/bulk-cancel
COPY requirements.lock ./
RUN /opt/bulk-cancel/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY pipeline pipeline
COPY schemas schemas
RUN /opt/bulk-cancel/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="bulk-cancel" \
      org.opencontainers.image.description="Cancels the shipments of an order export at iThink Logistics and gives the same sheet back" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/bulk-cancel /opt/bulk-cancel
# Nobody in particular: any user may be given with -u, so the ledger's folder is open to all within the container.
RUN useradd --system --create-home bulk-cancel && mkdir -p /ledger /work && chmod 1777 /ledger
USER bulk-cancel
ENV PATH="/opt/bulk-cancel/bin:$PATH" BULK_CANCEL_LEDGER=/ledger/ledger.db PYTHONDONTWRITEBYTECODE=1
VOLUME /ledger
WORKDIR /work
ENTRYPOINT ["bulk-cancel"]
CMD ["--help"]
