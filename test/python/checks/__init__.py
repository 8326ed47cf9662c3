"""All checks: the sentence of each, in the order in which they run."""

from . import actions, errors, lists, products, requests, rights, subscriptions, tiers, usage, webhooks
from .sandbox import sentence_of

CHECKS = {
    sentence_of(check): check
    for part in (lists, errors, rights, requests, subscriptions, tiers, products, usage, webhooks, actions)
    for check in part.CHECKS
}
