"""From a message to a reading that is safe on disk: ingest, pipeline, workers."""
