"""All checks: the sentence of each, in the order in which they run."""

from . import errors, lists, products, requests, rights, subscriptions, tiers, usage
from .sandbox import sentence_of

CHECKS = {
    sentence_of(check): check
    for part in (lists, errors, rights, requests, subscriptions, tiers, products, usage)
    for check in part.CHECKS
}
