#!/bin/sh
# Creates Temporal's two databases where they are missing and brings both to the schema of this version. Safe to repeat.
# Reads POSTGRES_SEEDS, POSTGRES_USER, SQL_PASSWORD; needs the image temporalio/admin-tools.
set -eu

tool() {
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "${DB_PORT:-5432}" -u "$POSTGRES_USER" --db "$database" "$@"
}

set_up() {
  database=$1
  folder="${SCHEMA_FOLDER:-/etc/temporal/schema}/postgresql/v12/$2/versioned"
  echo "schema of $database"
  # A database that has a schema takes updates at once; a new one is created first.
  if ! tool "$database" update-schema -d "$folder"; then
    echo "$database has no schema yet: creating it"
    tool "$database" create
    tool "$database" setup-schema -v 0.0
    tool "$database" update-schema -d "$folder"
  fi
}

set_up temporal temporal
set_up temporal_visibility visibility
