#!/bin/sh
# Creates the namespace that TEMPORAL_NAMESPACE names, where it is missing, and waits until the server takes work in it. Safe to repeat.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION; needs Temporal's CLI.
set -eu

until_answered() {
  tries=60
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    # The last try says what is wrong.
    [ "$tries" -gt 0 ] || "$@" || exit 1
    sleep 1
  done
}

until_answered temporal operator cluster health
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "${RETENTION:-72h}"
until_answered temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --limit 1
echo "namespace $TEMPORAL_NAMESPACE is ready"
